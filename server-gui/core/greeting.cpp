// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/greeting.h"

#include <QSocketNotifier>

#include <array>

namespace wireroom {

Greeting::Greeting(Descriptor socket, std::function<void()> onReadable)
    : m_socket(std::move(socket)),
      m_notifier(std::make_unique<QSocketNotifier>(m_socket.value(), QSocketNotifier::Read))
{
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), std::move(onReadable));
}

Greeting::~Greeting()
{
    if (m_notifier)
        take();
}

Greeting::Look Greeting::look(const ServerConfig &config, FirstBytes::Hurry hurry)
{
    std::array<char, kDetectionBytes> buffer;
    const Descriptor::Peek peek = m_socket.peek(buffer.data(), qsizetype(buffer.size()));
    Look look;
    look.peerEnded = peek.state != Descriptor::PeekState::Open;
    if (peek.count == 0) {
        look.peerGone = look.peerEnded;
        return look;
    }
    m_notifier->setEnabled(false);
    const bool knowsTls = config.tls.mode != TlsMode::Off;
    look.detection = m_first.judge(QByteArrayView(buffer.data(), peek.count), look.peerEnded, config,
                                   knowsTls ? FirstBytes::Tls::Yes : FirstBytes::Tls::No, hurry);
    return look;
}

Descriptor Greeting::take()
{
    // It may be the notifier that called.
    m_notifier->setEnabled(false);
    m_notifier->disconnect();
    m_notifier.release()->deleteLater();
    return std::move(m_socket);
}

} // namespace wireroom
