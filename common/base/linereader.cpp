// SPDX-License-Identifier: Apache-2.0
#include "common/base/linereader.h"

#include "common/base/inbox.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#ifdef Q_OS_WIN
#include <io.h>
#else
#include <cerrno>
#include <unistd.h>
#endif

namespace wireroom {

namespace {

constexpr qsizetype kLongLineBytes = 64 * 1024;

/// Bytes read, 0 at the end or after an error.
int readStandardInput(char *buffer, unsigned size)
{
#ifdef Q_OS_WIN
    return std::max(0, _read(0, buffer, size));
#else
    // Not through stdio: its lock would be held by the blocked thread when the program ends.
    for (;;) {
        const ssize_t n = ::read(STDIN_FILENO, buffer, size);
        if (n >= 0)
            return int(n);
        if (errno != EINTR)
            return 0;
    }
#endif
}

/// Grows a long line where it lies, which append() by itself does not: it would be there twice meanwhile.
void appendToLine(QByteArray &line, QByteArrayView bytes)
{
    const qsizetype needed = line.size() + bytes.size();
    if (needed > kLongLineBytes && needed > line.capacity())
        line.reserve(2 * needed);
    line.append(bytes);
}

} // namespace

/// Outlives the LineReader as long as the reading thread is blocked.
struct LineReader::Shared
{
    std::mutex mutex;
    Inbox<std::optional<QByteArray>> *inbox = nullptr; ///< null once the LineReader is dead
    std::unique_ptr<Inbox<std::optional<QByteArray>>> owned;

    bool paused = false;
    bool taken = true;
    std::condition_variable mayGoOn;

    bool post(std::optional<QByteArray> line)
    {
        const std::lock_guard lock(mutex);
        taken = false;
        if (inbox)
            inbox->post(std::move(line));
        return inbox;
    }

    /// False once the LineReader is dead.
    bool waitUntilTaken()
    {
        std::unique_lock lock(mutex);
        mayGoOn.wait(lock, [this] { return !inbox || (taken && !paused); });
        return inbox;
    }

    void change(bool Shared::*what, bool value)
    {
        const std::lock_guard lock(mutex);
        this->*what = value;
        mayGoOn.notify_one();
    }
};

LineReader::LineReader(QObject *parent) : QObject(parent), m_shared(std::make_shared<Shared>())
{
    m_shared->owned = std::make_unique<Inbox<std::optional<QByteArray>>>([this](auto &&lines) {
        for (const std::optional<QByteArray> &line : lines) {
            if (line)
                Q_EMIT lineRead(*line);
            else
                Q_EMIT ended();
        }
        m_shared->change(&Shared::taken, true);
    });
    m_shared->inbox = m_shared->owned.get();

    std::thread([shared = m_shared] {
        QByteArray pending; // a line without its end, handed over rather than copied: it may be long
        std::array<char, 16 * 1024> buffer;
        while (const int n = readStandardInput(buffer.data(), unsigned(buffer.size()))) {
            QByteArrayView rest(buffer.data(), n);
            for (qsizetype end; (end = rest.indexOf('\n')) >= 0; rest = rest.sliced(end + 1)) {
                appendToLine(pending, rest.first(end));
                if (pending.endsWith('\r'))
                    pending.chop(1);
                if (!shared->post(std::exchange(pending, {})))
                    return;
            }
            appendToLine(pending, rest);
            if (!shared->waitUntilTaken())
                return;
        }
        if (!pending.isEmpty())
            shared->post(std::move(pending));
        shared->post(std::nullopt);
    }).detach();
}

bool LineReader::isTyped()
{
#ifdef Q_OS_WIN
    return _isatty(0) != 0;
#else
    return ::isatty(STDIN_FILENO) != 0;
#endif
}

LineReader::~LineReader()
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->inbox = nullptr;
    m_shared->owned.reset();
    m_shared->mayGoOn.notify_one();
}

void LineReader::setPaused(bool paused)
{
    m_shared->change(&Shared::paused, paused);
}

} // namespace wireroom
