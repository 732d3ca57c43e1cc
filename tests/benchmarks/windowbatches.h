// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace wireroom {

/// What the server's window is given to show, in these numbers.
struct WindowLoad
{
    static constexpr int kBatchMs = 33;

    quint64 messagesPerSecond = 100'000;
    quint64 clients = 10'000;
    quint64 churnPerSecond = 1'000;
    quint64 countersPerBatch = 5'000;
};

/// Makes batches ahead of the one who takes them, so that making them costs the GUI thread nothing.
///
/// Owner: main(). take() belongs to the GUI thread; a thread that ends with this makes them.
class WindowBatches
{
public:
    explicit WindowBatches(const WindowLoad &load);
    ~WindowBatches();

    /// The first one has nothing but the clients.
    ServerBatch take();

private:
    void run();
    void put(ServerBatch batch);
    ClientConnected newcomer();
    ClientId anybody();
    ServerBatch arrivals(quint64 count);
    ServerBatch next(quint64 round);

    WindowLoad m_load;
    ServerTotals m_totals;
    std::vector<ClientId> m_present;
    quint64 m_nextId = 1;
    std::minstd_rand m_random{7};
    std::mutex m_mutex;
    std::condition_variable m_made;
    std::condition_variable m_taken;
    std::deque<ServerBatch> m_batches;
    std::atomic<bool> m_stop = false;
    std::thread m_thread;
};

} // namespace wireroom
