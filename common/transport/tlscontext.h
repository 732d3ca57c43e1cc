// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>

#include <memory>

struct ssl_ctx_st;

namespace wireroom {

struct TlsIdentity;

/// What a thread's TlsSockets share: the identity as OpenSSL takes it, made when the first of them needs it,
/// and the bytes that are to be sent in one piece.
///
/// Owner: the thread's IoContext. Not for other threads.
class TlsContext
{
public:
    /// For a server's side of TLS 1.2 and newer; nobody is asked for a certificate. Null where OpenSSL does
    /// not take the identity: tlsErrorWords() says why.
    ssl_ctx_st *settings(const TlsIdentity &identity);

    /// Encrypted bytes of the socket that is at work.
    QByteArray &outgoing() { return m_outgoing; }

    /// Keeps the memory.
    void clearOutgoing() { m_outgoing.resize(0); }

private:
    QByteArray m_fingerprint; ///< of whom m_settings are
    std::shared_ptr<ssl_ctx_st> m_settings;
    QByteArray m_outgoing;
};

} // namespace wireroom
