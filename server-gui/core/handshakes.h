// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"

#include <QString>

#include <chrono>
#include <functional>
#include <unordered_map>
#include <vector>

namespace wireroom {

/// Who may go through a TLS handshake now, and for how long: so many at a time, in all and from one address.
///
/// Whoever is over that waits for a place; the last who came gets the next one, because a peer that can go on
/// does so at once. While somebody waits, those who hold the places have a tenth of the time only: stalled
/// handshakes keep nobody out for long, however many there are. Owner: the hub. Lives in its thread.
class Handshakes
{
public:
    using Clock = std::chrono::steady_clock;

    struct Limits
    {
        std::chrono::milliseconds deadline{5'000}; ///< from a peer's first byte to the handshake's end
        int inAll = 256;
        int perAddress = 16;
    };

    /// How often tick() wants to be called while somebody is here.
    static constexpr std::chrono::milliseconds kTick{100};

    /// `begin`: there is a place. `cut`: the peer is to be closed, and why. Both may call remove().
    Handshakes(std::function<void(ClientId)> begin, std::function<void(ClientId, const QString &)> cut);

    void setLimits(const Limits &limits) { m_limits = limits; }

    void add(ClientId id, const QString &address, Clock::time_point firstByte, Clock::time_point now);
    /// The handshake is done, or the peer is gone. An unknown ID is no matter.
    void remove(ClientId id, Clock::time_point now);
    void tick(Clock::time_point now);

    bool isEmpty() const { return m_running.empty() && m_waiting.empty(); }

    size_t running() const { return m_running.size(); }

    size_t waiting() const { return m_waiting.size(); }

private:
    struct Entry
    {
        ClientId id;
        QString address;
        Clock::time_point firstByte;
        Clock::time_point since; ///< that it holds the place
    };

    bool hasPlace(const QString &address) const;
    /// Makes one by taking it from somebody who had it for long.
    bool makePlace(const QString &address, Clock::time_point now);
    void start(Entry entry, Clock::time_point now);
    void startOneWaiting(Clock::time_point now);
    std::vector<Entry>::iterator release(std::vector<Entry>::iterator entry);

    std::function<void(ClientId)> m_begin;
    std::function<void(ClientId, const QString &)> m_cut;
    Limits m_limits;
    std::vector<Entry> m_running; ///< in the order of `since`
    std::vector<Entry> m_waiting; ///< in the order of coming
    std::unordered_map<QString, int> m_perAddress;
};

} // namespace wireroom
