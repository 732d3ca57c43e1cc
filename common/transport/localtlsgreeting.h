// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/descriptor.h"
#include "common/transport/tlsgreeting.h"

#include <QObject>

#include <memory>

namespace wireroom {

class IoContext;
class TlsSocket;
struct TlsIdentity;

/// A TLS greeting whose socket lives in this thread. The bytes that were only looked at so far are the
/// handshake's.
///
/// Owner: whoever called it into life. Lives in the thread of its IoContext. Nothing is called after close(),
/// take() or greetingFailed(). It knows no deadline: its owner closes it.
class LocalTlsGreeting final : public QObject, public TlsGreeting
{
public:
    LocalTlsGreeting(IoContext &context, TlsGreetingHandler &handler);
    ~LocalTlsGreeting() override;

    /// Begins the handshake; greetingFailed() may come from inside. `socket` is connected.
    void begin(Descriptor socket, const TlsIdentity &identity);

    std::unique_ptr<Channel> open(const Channel::Settings &settings, ChannelHandler &handler) override;
    void close() override;

    /// Ends the greeting; the socket is the caller's.
    std::unique_ptr<TlsSocket> take();

private:
    void onReadyRead();
    void onEnd();
    bool shakeHands();
    void fail(const TlsFailed &failed);

    IoContext &m_context;
    TlsGreetingHandler &m_handler;
    std::unique_ptr<TlsSocket> m_socket; ///< null after the end
    qsizetype m_told = 0;                ///< of the first bytes
    bool m_isSecured = false;
    bool m_endTold = false;
};

} // namespace wireroom
