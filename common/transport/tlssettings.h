// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>

#include <memory>

struct ssl_ctx_st;

namespace wireroom {

/// How a server speaks TLS 1.2 and newer: with these certificates, its own first, and that key (PEM both).
/// Null where OpenSSL does not take them: tlsErrorWords() says why. Takes about a millisecond.
std::shared_ptr<ssl_ctx_st> newTlsSettings(const QByteArray &certificates, const QByteArray &key);

} // namespace wireroom
