// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/iomessages.h"

namespace wireroom {

class IoThreads;

/// A TLS greeting whose socket lives in an I/O thread, for the one who decides in the hub's thread.
///
/// Owner: whoever called it into life. Lives in the thread of its IoThreads. Nothing is called after close(),
/// open() or greetingFailed().
class RemoteTlsGreeting final : public TlsGreeting
{
public:
    RemoteTlsGreeting(IoThreads &threads, size_t worker, quint64 serial, TlsGreetingHandler &handler);
    ~RemoteTlsGreeting() override;

    std::unique_ptr<Channel> open(const Channel::Settings &settings, ChannelHandler &handler) override;
    void close() override;

    // For the IoThreads.
    size_t worker() const { return m_worker; }

    quint64 serial() const { return m_serial; }

    void handle(TlsSecured &&secured);
    void handle(TlsFirstBytes &&first);
    void handle(TlsFailed &&failed);

    /// What only a connection has; nothing of it comes before the greeting's end.
    template <typename Other> void handle(Other &&) { }

private:
    IoThreads &m_threads;
    TlsGreetingHandler &m_handler;
    size_t m_worker;
    quint64 m_serial;
    bool m_ended = false;
};

} // namespace wireroom
