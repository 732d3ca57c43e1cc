// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/passwordthread.h"

#include "server-gui/core/passwordhash.h"

#include <chrono>

namespace wireroom {

PasswordThread::PasswordThread(std::function<void(const Done &)> handler)
    : m_answers([handler = std::move(handler)](std::vector<Done> &&answers) {
          for (const Done &done : answers)
              handler(done);
      })
{
}

PasswordThread::~PasswordThread()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ends = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

bool PasswordThread::check(quint64 job, const QByteArray &bytes, const QByteArray &hash)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_jobs.size() >= kMostWaiting)
            return false;
        m_jobs.push_back({job, bytes, hash});
    }
    start();
    return true;
}

void PasswordThread::hash(quint64 job, const QByteArray &bytes)
{
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.push_front({job, bytes, {}});
    }
    start();
}

void PasswordThread::forget(quint64 job)
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_jobs, [job](const Job &j) { return j.job == job; });
}

void PasswordThread::start()
{
    if (!m_thread.joinable())
        m_thread = std::thread([this] { run(); });
    m_changed.notify_all();
}

void PasswordThread::run()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [this] { return m_ends || !m_jobs.empty(); });
        if (m_ends)
            return;
        const Job job = std::move(m_jobs.front());
        m_jobs.pop_front();
        lock.unlock();
        const auto began = std::chrono::steady_clock::now();
        if (job.hash.isEmpty())
            m_answers.post({job.job, false, passwordHash(job.bytes)});
        else
            m_answers.post({job.job, isPasswordRight(job.bytes, job.hash), {}});
        ++m_jobsDone;
        const auto ended = std::chrono::steady_clock::now();
        lock.lock();
        m_changed.wait_until(lock, ended + 3 * (ended - began), [this] { return m_ends; });
    }
}

} // namespace wireroom
