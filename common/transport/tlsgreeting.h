// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/channel.h"

#include <QByteArray>
#include <QString>

#include <memory>

namespace wireroom {

/// How a connection is encrypted; empty where it is not.
struct TlsLink
{
    QString protocol; ///< "TLS 1.3"
    QString cipher;   ///< "TLS_AES_256_GCM_SHA384"

    explicit operator bool() const { return !protocol.isEmpty(); }
};

/// Why a peer did not come to speak inside TLS.
struct TlsFailed
{
    QString reason;        ///< a sentence
    bool isByPeer = false; ///< it went of itself
};

/// Whoever waits for a peer to speak inside TLS. Called in the greeting's thread, directly; a handler may
/// call anything of the greeting, but not delete it.
class TlsGreetingHandler
{
public:
    virtual ~TlsGreetingHandler() = default;

    /// The handshake is done.
    virtual void secured(const TlsLink &link) = 0;

    /// The first bytes inside, without those that follow: called again with more of them (kDetectionBytes at
    /// most), and once more at the peer's end. They are not consumed.
    virtual void firstBytes(const QByteArray &first, bool ended) = 0;

    /// Once, as the last call: the handshake failed, or the peer ended without a byte inside.
    virtual void greetingFailed(const TlsFailed &failed) = 0;
};

/// A connection in its TLS handshake, then until it is known how the peer speaks inside: a LocalTlsGreeting
/// where its socket lives in the same thread, a RemoteTlsGreeting where it lives in an I/O thread.
class TlsGreeting
{
public:
    virtual ~TlsGreeting() = default;

    /// Ends the greeting: goes on as a channel. To be called once it is secured.
    virtual std::unique_ptr<Channel> open(const Channel::Settings &settings, ChannelHandler &handler) = 0;

    /// Ends the greeting and the connection; politely where the handshake is done.
    virtual void close() = 0;
};

} // namespace wireroom
