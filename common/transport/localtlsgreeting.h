// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/descriptor.h"
#include "common/transport/tlsgreeting.h"

#include <QObject>

#include <memory>

class QSslSocket;

namespace wireroom {

class IoContext;
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
    std::unique_ptr<QSslSocket> take();

    /// The peer has said inside TLS that nothing more will come.
    bool hasTlsEnded() const { return m_tlsEnded; }

private:
    void onEncrypted();
    void onReadyRead();
    void onDisconnected();
    void onError();
    void fail(const TlsFailed &failed);

    IoContext &m_context;
    TlsGreetingHandler &m_handler;
    std::unique_ptr<QSslSocket> m_socket; ///< null after the end
    qsizetype m_told = 0;                 ///< of the first bytes
    bool m_isSecured = false;             ///< the socket forgets it at its end
    bool m_endTold = false;
    bool m_tlsEnded = false;
};

} // namespace wireroom
