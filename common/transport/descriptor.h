// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QHostAddress>
#include <QtGlobal>

#include <utility>

namespace wireroom {

/// A socket's descriptor, owned: closed at the end of its life. Moves, does not copy. Any one thread.
///
/// The few calls on bare descriptors that Qt has no word for are gathered here; none blocks. Where the system
/// has POSIX sockets they all work; elsewhere duplicate() gives nothing, and what builds on it goes the
/// simpler way.
class Descriptor
{
public:
    Descriptor() = default;

    explicit Descriptor(qintptr value) : m_value(value) { }

    ~Descriptor() { reset(); }

    Descriptor(Descriptor &&other) noexcept : m_value(other.release()) { }

    Descriptor &operator=(Descriptor &&other) noexcept
    {
        if (this != &other) {
            reset();
            m_value = other.release();
        }
        return *this;
    }

    explicit operator bool() const { return m_value != -1; }

    qintptr value() const { return m_value; }

    qintptr release() { return std::exchange(m_value, -1); }

    void reset();

    /// A second descriptor of the same socket: the connection lives until both are closed. Empty where
    /// impossible.
    static Descriptor duplicate(qintptr socket);

    enum class AcceptState : quint8 {
        Accepted,
        Nothing,   ///< nobody is waiting, or has gone again
        Exhausted, ///< the system has no descriptor or no memory for it: whoever waits goes on waiting
        Failed,
    };

    /// Takes the next connection of a listening socket that does not block.
    static AcceptState accept(qintptr socket, Descriptor &connection);

    enum class PeekState : quint8 { Open, Ended, Failed };

    struct Peek
    {
        qsizetype count = 0;               ///< bytes copied to the buffer
        PeekState state = PeekState::Open; ///< Ended: no byte will follow those
    };

    struct Peer
    {
        QHostAddress address; ///< IPv4 as IPv4, also where it came in through an IPv6 socket
        quint16 port = 0;
    };

    /// Who is at the other end; a null address where that is not known any more.
    Peer peer() const;

    /// Looks at what has come without taking it.
    Peek peek(char *buffer, qsizetype size) const;

    /// Takes what has come, without blocking. Ended or Failed only where no byte comes before it.
    static Peek receive(qintptr socket, char *buffer, qsizetype size);

    /// Sends without blocking; the number of bytes taken, 0 when the way is full, -1 when the connection is
    /// broken.
    static qsizetype send(qintptr socket, const char *bytes, qsizetype count);

    qsizetype send(const char *bytes, qsizetype count) const { return send(m_value, bytes, count); }

    /// Reads and forgets what is there. False once the peer has ended or the connection is broken.
    bool discardInput() const;

    /// The peer reads an end after what was sent so far; receiving goes on.
    static void shutdownSending(qintptr socket);

    /// True where the connection was torn down (a reset) rather than ended by the peer. Asked after the end
    /// only.
    bool wasReset() const;

private:
    qintptr m_value = -1;
};

/// Raises the soft limit of open descriptors to the hard one, where there are such limits; the limit in
/// force, or 0 where it is unknown.
quint64 raiseDescriptorLimit();

} // namespace wireroom
