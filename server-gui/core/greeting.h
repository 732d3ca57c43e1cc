// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/formatdetector.h"
#include "common/transport/descriptor.h"

#include <QElapsedTimer>

#include <functional>
#include <memory>

class QSocketNotifier;

namespace wireroom {

/// A connection whose format is not known yet: looks at its first bytes without taking them.
///
/// The bare descriptor and a notifier are all it holds, so that a silent peer costs little. While too few
/// bytes are there the notifier is off, because it would fire for them without end, and the owner looks again
/// every kLookAgainMs. Owner: the session. Lives in the network thread.
class Greeting
{
public:
    static constexpr int kLookAgainMs = 20;

    /// Bytes that decide nothing and do not go on for so long are given the default format.
    static constexpr int kPatienceMs = 10'000;

    /// `onReadable` is called when bytes or the end are there; look() then.
    Greeting(Descriptor socket, std::function<void()> onReadable);
    ~Greeting();

    struct Look
    {
        Detection detection;
        bool peerEnded = false;
        bool peerGone = false; ///< ended or broken without one byte
    };

    /// NeedMore without bytes: the notifier tells. NeedMore with bytes: call again after kLookAgainMs.
    /// In a hurry (it is about to be written to), bytes count as if nothing more were to come. Unless
    /// `format` is `auto`, plain peers speak it.
    enum class Hurry : bool { No, Yes };
    Look look(FrameFormat format, FrameFormat defaultFormat, quint64 maxPayloadBytes, Hurry hurry);

    bool hasBytes() const { return m_seen > 0; }

    const Descriptor &socket() const { return m_socket; }

    /// Ends the greeting; the descriptor is the caller's.
    Descriptor take();

private:
    Descriptor m_socket;
    std::unique_ptr<QSocketNotifier> m_notifier;
    qsizetype m_seen = 0;
    QElapsedTimer m_sinceLastByte;
};

} // namespace wireroom
