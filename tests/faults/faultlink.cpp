// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/faultlink.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

using namespace Qt::StringLiterals;

namespace wireroom::faults {

namespace {

/// More than this is not read ahead of a slow way.
constexpr quint64 kMostWaiting = 1024 * 1024;

/// How long the two ends have to end after a cut before they are torn down.
constexpr int kLingerMs = 2'000;

constexpr std::array kDirections{"up"_L1, "down"_L1};

void setNonBlocking(int socket)
{
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

} // namespace

FaultLink::FaultLink(quint64 number, const FaultOptions &options, const QHostAddress &target,
                     Descriptor client, Report report, std::function<void()> ended)
    : m_number(number), m_report(std::move(report)),
      m_ended(std::move(ended)), m_streams{FaultStream(options.up, options.seed, 2 * number),
                                           FaultStream(options.down, options.seed, 2 * number + 1)}
{
    m_clock.start();
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &FaultLink::pumpAll);
    m_lingerTimer.setSingleShot(true);
    connect(&m_lingerTimer, &QTimer::timeout, this, &FaultLink::tear);
    open(0, std::move(client));
    connectTo(target, options.to.port);
}

void FaultLink::open(size_t side, Descriptor socket)
{
    Side &s = m_sides[side];
    const auto fd = socket.value();
    setNonBlocking(int(fd));
    s.socket = std::move(socket);
    s.readable = std::make_unique<QSocketNotifier>(fd, QSocketNotifier::Read);
    s.writable = std::make_unique<QSocketNotifier>(fd, QSocketNotifier::Write);
    s.writable->setEnabled(false);
    connect(s.readable.get(), &QSocketNotifier::activated, this, [this, side] { read(side); });
    connect(s.writable.get(), &QSocketNotifier::activated, this, [this, side] {
        if (side == 1 && !m_isConnected)
            onConnected();
        else
            pump(1 - side);
    });
}

void FaultLink::connectTo(const QHostAddress &target, quint16 port)
{
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (target.protocol() == QAbstractSocket::IPv6Protocol) {
        auto *address = reinterpret_cast<sockaddr_in6 *>(&storage);
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(port);
        const Q_IPV6ADDR bytes = target.toIPv6Address();
        std::copy(std::begin(bytes.c), std::end(bytes.c), address->sin6_addr.s6_addr);
        size = sizeof *address;
    } else {
        auto *address = reinterpret_cast<sockaddr_in *>(&storage);
        address->sin_family = AF_INET;
        address->sin_port = htons(port);
        address->sin_addr.s_addr = htonl(target.toIPv4Address());
        size = sizeof *address;
    }
    open(1, Descriptor(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    m_sides[1].readable->setEnabled(false);
    m_sides[1].writable->setEnabled(true);
    const int socket = int(m_sides[1].socket.value());
    if (::connect(socket, reinterpret_cast<sockaddr *>(&storage), size) == 0 || errno == EINPROGRESS)
        return; // the notifier tells
    QMetaObject::invokeMethod(this, &FaultLink::onConnected, Qt::QueuedConnection);
}

void FaultLink::onConnected()
{
    if (m_isFinished || m_isConnected)
        return;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(int(m_sides[1].socket.value()), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        JsonLine line("error"_L1);
        line.add("connection"_L1, m_number);
        m_report(line.add("text"_L1, u"The other side does not answer: %1."_s.arg(qt_error_string(error))));
        return tear();
    }
    m_isConnected = true;
    m_sides[1].readable->setEnabled(true);
    m_sides[1].writable->setEnabled(false);
    pumpAll();
}

void FaultLink::read(size_t from)
{
    if (m_isFinished)
        return;
    Side &side = m_sides[from];
    std::array<char, 64 * 1024> buffer;
    const ssize_t count = ::recv(int(side.socket.value()), buffer.data(), buffer.size(), 0);
    if (count < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
            return;
        return tear(); // a reset goes on as one
    }
    if (count == 0) {
        side.hasEnded = true;
        side.readable->setEnabled(false);
        m_streams[from].finish(m_clock.elapsed());
    } else {
        side.received += quint64(count);
        m_streams[from].push(QByteArray(buffer.data(), count), m_clock.elapsed());
    }
    tellFaults();
    pump(from);
    finishWhenBothEnded();
}

void FaultLink::pumpAll()
{
    for (const size_t way : {size_t(0), size_t(1)}) {
        if (!m_isFinished)
            pump(way);
    }
}

/// Writes to the other end what is due.
void FaultLink::pump(size_t way)
{
    Side &to = m_sides[1 - way];
    while (!m_isFinished && m_isConnected && flush(1 - way)) {
        const FaultStream::Step step = m_streams[way].take(m_clock.elapsed());
        tellFaults();
        if (step.end != FaultStream::End::None) {
            end(way, step.end);
            break;
        }
        if (step.bytes.isEmpty())
            break;
        to.pending = step.bytes;
    }
    if (m_isFinished)
        return;
    Side &from = m_sides[way];
    from.readable->setEnabled(!from.hasEnded && (way == 0 || m_isConnected)
                              && m_streams[way].waitingBytes() < kMostWaiting);
    std::optional<qint64> next;
    for (size_t i = 0; i < 2; ++i) {
        const std::optional<qint64> at = m_streams[i].nextAt();
        if (at && m_sides[1 - i].pending.isEmpty() && (!next || *at < *next))
            next = at;
    }
    if (next && m_isConnected)
        m_timer.start(int(std::max<qint64>(0, *next - m_clock.elapsed())));
    else
        m_timer.stop();
}

/// True when all is written.
bool FaultLink::flush(size_t index)
{
    Side &side = m_sides[index];
    while (!side.pending.isEmpty()) {
        const qsizetype count = side.socket.send(side.pending.constData(), side.pending.size());
        if (count < 0) {
            tear();
            return false;
        }
        if (count == 0) {
            side.writable->setEnabled(true);
            return false;
        }
        side.pending.remove(0, count);
    }
    side.writable->setEnabled(false);
    return true;
}

void FaultLink::end(size_t way, FaultStream::End end)
{
    switch (end) {
    case FaultStream::End::None:
        break;
    case FaultStream::End::Passed:
    case FaultStream::End::HalfClose:
        shut(1 - way);
        finishWhenBothEnded();
        break;
    case FaultStream::End::Cut:
        linger();
        break;
    case FaultStream::End::Reset:
        tear();
        break;
    }
}

void FaultLink::shut(size_t side)
{
    if (!std::exchange(m_sides[side].isShut, true))
        Descriptor::shutdownSending(m_sides[side].socket.value());
}

/// Both are told the end, and closed once they have ended: closed at once, a socket with unread bytes would
/// reset.
void FaultLink::linger()
{
    m_isCut = true;
    for (const size_t i : {size_t(0), size_t(1)}) {
        m_streams[i].stop();
        m_sides[i].pending.clear();
        shut(i);
    }
    m_lingerTimer.start(kLingerMs);
    finishWhenBothEnded();
}

void FaultLink::finishWhenBothEnded()
{
    // A way that is a black hole passes no end on.
    const auto isOver = [this](size_t way) {
        return m_sides[way].hasEnded && (m_sides[1 - way].isShut || !m_streams[way].nextAt());
    };
    if (!m_isFinished && isOver(0) && isOver(1))
        finish();
}

void FaultLink::tear()
{
    for (Side &side : m_sides) {
        const ::linger rightNow{1, 0};
        ::setsockopt(int(side.socket.value()), SOL_SOCKET, SO_LINGER, &rightNow, sizeof rightNow);
    }
    finish();
}

void FaultLink::finish()
{
    if (std::exchange(m_isFinished, true))
        return;
    m_timer.stop();
    m_lingerTimer.stop();
    for (Side &side : m_sides) {
        // It may be one of them that calls.
        for (auto *notifier : {&side.readable, &side.writable}) {
            (*notifier)->setEnabled(false);
            notifier->release()->deleteLater();
        }
        side.socket.reset();
    }
    JsonLine line("closed"_L1);
    line.add("connection"_L1, m_number).add("up"_L1, m_sides[0].received);
    m_report(line.add("down"_L1, m_sides[1].received));
    m_ended();
}

void FaultLink::cut()
{
    if (m_isFinished || m_isCut)
        return;
    tellFault("cut"_L1);
    linger();
}

void FaultLink::reset()
{
    if (m_isFinished)
        return;
    tellFault("reset"_L1);
    tear();
}

void FaultLink::setBlackHole(bool swallows)
{
    if (swallows)
        tellFault("black-hole"_L1);
    for (FaultStream &stream : m_streams)
        stream.swallow(swallows);
}

void FaultLink::tellFault(QLatin1StringView name)
{
    JsonLine line("fault"_L1);
    m_report(line.add("connection"_L1, m_number).add("fault"_L1, QString(name)));
}

void FaultLink::tellFaults()
{
    for (const size_t i : {size_t(0), size_t(1)}) {
        for (const FaultStream::Fault &fault : m_streams[i].takeFaults()) {
            JsonLine line("fault"_L1);
            line.add("connection"_L1, m_number).add("direction"_L1, QString(kDirections[i]));
            line.add("fault"_L1, QString(fault.name)).add("at"_L1, fault.at);
            for (const auto &[name, value] : fault.details)
                line.add(name, value);
            m_report(line);
        }
    }
}

} // namespace wireroom::faults
