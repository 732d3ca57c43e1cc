// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/descriptor.h"
#include "server-gui/core/firstbytes.h"

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
    Look look(const ServerConfig &config, FirstBytes::Hurry hurry);

    bool hasBytes() const { return m_first.any(); }

    const Descriptor &socket() const { return m_socket; }

    /// Ends the greeting; the descriptor is the caller's.
    Descriptor take();

private:
    Descriptor m_socket;
    std::unique_ptr<QSocketNotifier> m_notifier;
    FirstBytes m_first;
};

} // namespace wireroom
