// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>

#include <openssl/types.h>

namespace wireroom {

/// A certificate (PEM) for `key`, signed by itself, for ten years: for this machine's name, localhost and the
/// loopback addresses. Empty where OpenSSL cannot make one.
QByteArray selfSignedCertificate(EVP_PKEY *key);

} // namespace wireroom
