// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QHostAddress>

namespace wireroom {

/// True where nobody else can read what is sent: the connection is encrypted, or does not leave the machine.
inline bool isPrivateLink(const QString &peerAddress, bool isEncrypted)
{
    return isEncrypted || QHostAddress(peerAddress).isLoopback();
}

} // namespace wireroom
