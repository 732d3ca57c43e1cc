// SPDX-License-Identifier: Apache-2.0
#include "common/transport/remotetlsgreeting.h"

#include "common/transport/iothreads.h"

#include <utility>

namespace wireroom {

RemoteTlsGreeting::RemoteTlsGreeting(IoThreads &threads, size_t worker, quint64 serial,
                                     TlsGreetingHandler &handler)
    : m_threads(threads), m_handler(handler), m_worker(worker), m_serial(serial)
{
}

RemoteTlsGreeting::~RemoteTlsGreeting()
{
    if (!m_ended) {
        m_threads.command(m_worker, m_serial, DropSocket{});
        m_threads.forget(*this);
    }
}

std::unique_ptr<Channel> RemoteTlsGreeting::open(const Channel::Settings &settings, ChannelHandler &handler)
{
    m_ended = true;
    return m_threads.openGreeted(*this, settings, handler);
}

void RemoteTlsGreeting::close()
{
    if (std::exchange(m_ended, true))
        return;
    m_threads.command(m_worker, m_serial, CloseSocket{});
    m_threads.forget(*this);
}

void RemoteTlsGreeting::handle(TlsSecured &&secured)
{
    m_handler.secured(secured.link);
}

void RemoteTlsGreeting::handle(TlsFirstBytes &&first)
{
    m_handler.firstBytes(first.bytes, first.ended);
}

void RemoteTlsGreeting::handle(TlsFailed &&failed)
{
    m_ended = true;
    m_threads.forget(*this);
    m_handler.greetingFailed(failed);
}

} // namespace wireroom
