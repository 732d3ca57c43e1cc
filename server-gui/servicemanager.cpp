// SPDX-License-Identifier: Apache-2.0
#include "server-gui/servicemanager.h"

#include <QCoreApplication>

#ifdef Q_OS_LINUX
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#endif

namespace wireroom {

void tellServiceManager([[maybe_unused]] const QByteArray &state)
{
#ifdef Q_OS_LINUX
    const QByteArray name = qgetenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    // `@` stands for the abstract namespace.
    if (name.size() < 2 || size_t(name.size()) >= sizeof(address.sun_path)
        || (name.front() != '/' && name.front() != '@'))
        return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.constData(), size_t(name.size()));
    if (name.front() == '@')
        address.sun_path[0] = '\0';
    const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + size_t(name.size()));
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0)
        return;
    // Nobody there is no reason not to serve.
    [[maybe_unused]] const ssize_t sent
        = ::sendto(socket, state.constData(), size_t(state.size()), MSG_NOSIGNAL | MSG_DONTWAIT,
                   reinterpret_cast<const sockaddr *>(&address), size);
    ::close(socket);
#endif
}

std::optional<std::chrono::microseconds> watchdogInterval()
{
    const QByteArray pid = qgetenv("WATCHDOG_PID");
    if (!pid.isEmpty() && pid.toLongLong() != QCoreApplication::applicationPid())
        return std::nullopt;
    const qint64 interval = qgetenv("WATCHDOG_USEC").toLongLong();
    return interval > 0 ? std::optional(std::chrono::microseconds(interval)) : std::nullopt;
}

bool isJournal([[maybe_unused]] int descriptor)
{
#ifdef Q_OS_LINUX
    const QList<QByteArray> parts = qgetenv("JOURNAL_STREAM").split(':');

    struct stat status
    {
    };

    return parts.size() == 2 && ::fstat(descriptor, &status) == 0
        && QByteArray::number(quint64(status.st_dev)) == parts[0]
        && QByteArray::number(quint64(status.st_ino)) == parts[1];
#else
    return false;
#endif
}

} // namespace wireroom
