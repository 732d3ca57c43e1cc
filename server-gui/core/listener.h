// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/transport/descriptor.h"
#include "server-gui/core/serverconfig.h"

#include <QTcpServer>
#include <QTimer>

#include <functional>

namespace wireroom {

/// The listening socket: hands over bare descriptors, since what kind of socket a peer needs is known only
/// after its first bytes. Lives with the hub, in the network thread.
class Listener : public QTcpServer
{
public:
    using Accept = std::function<void(Descriptor)>;
    using Trouble = std::function<void(const QString &)>;

    /// `trouble` is told when accepting had to stop for a while (no descriptors left); it goes on by itself.
    Listener(Accept accept, Trouble trouble, QObject *parent = nullptr);

    /// The error is a sentence for people, with what to do about it.
    Result<quint16> open(const ServerConfig &config);

    /// Listens no more, for good.
    void shut();

protected:
    void incomingConnection(qintptr socket) override { m_accept(Descriptor(socket)); }

private:
    Accept m_accept;
    Trouble m_trouble;
    QTimer m_resume;
};

} // namespace wireroom
