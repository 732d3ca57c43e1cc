// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/idcounter.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kSmallestBlock = 64;
constexpr quint64 kLargestBlock = 65'536;

/// A block used up faster than this was too small.
constexpr qint64 kQuickMs = 1'000;

} // namespace

Result<std::unique_ptr<IdCounter>> IdCounter::open(const QString &dataDir)
{
    std::unique_ptr<IdCounter> counter(new IdCounter);
    if (dataDir.isEmpty()) {
        counter->m_reserved = std::numeric_limits<quint64>::max();
        return counter;
    }
    const QDir dir(dataDir);
    const bool existed = dir.exists();
    if (!dir.mkpath(u"."_s)) {
        return Error{Error::Code::BadInput,
                     u"The data directory %1 cannot be made. Name another one, or make it and give yourself "
                     u"the right to "
                     "write there."_s.arg(QDir::toNativeSeparators(dataDir))};
    }
    if (!existed)
        QFile::setPermissions(dataDir, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);

    counter->m_lock = std::make_unique<QLockFile>(dir.filePath(u"server.lock"_s));
    counter->m_lock->setStaleLockTime(0);
    if (!counter->m_lock->tryLock(0)) {
        if (counter->m_lock->error() != QLockFile::LockFailedError) {
            return Error{
                Error::Code::BadInput,
                u"The data directory %1 cannot be written to (is the disk full?). Name another one, "
                "or give yourself the right to write there."_s.arg(QDir::toNativeSeparators(dataDir))};
        }
        qint64 pid = 0;
        QString host;
        QString program;
        counter->m_lock->getLockInfo(&pid, &host, &program);
        return Error{
            Error::Code::InUse,
            u"Another server (%1, process %2) uses the data directory %3. Stop it, or name another directory."_s
                .arg(program, QString::number(pid), QDir::toNativeSeparators(dataDir))};
    }

    counter->m_file = dir.filePath(u"next-id"_s);
    QFile file(counter->m_file);
    if (file.exists()) {
        bool ok = file.open(QIODevice::ReadOnly);
        const quint64 value = ok ? file.read(32).trimmed().toULongLong(&ok) : 0;
        if (!ok || value == 0) {
            return Error{Error::Code::BadInput,
                         u"The file %1 should hold the next client ID, and does not. Write a number there "
                         u"that is higher "
                         "than every ID given so far."_s.arg(QDir::toNativeSeparators(counter->m_file))};
        }
        counter->m_next = value;
    }
    counter->m_reserved = counter->m_next;
    return counter;
}

IdCounter::~IdCounter()
{
    if (m_reserved != m_next && !m_file.isEmpty())
        reserveUpTo(m_next);
}

void IdCounter::skipTo(quint64 id)
{
    if (id < m_next)
        return;
    m_next = id + 1;
    m_reserved = m_file.isEmpty() ? m_reserved : std::max(m_reserved, m_next);
}

Result<ClientId> IdCounter::next()
{
    if (m_next == m_reserved) {
        const bool quick = m_sinceReservation.isValid() && m_sinceReservation.elapsed() < kQuickMs;
        m_block = quick ? std::min(2 * m_block, kLargestBlock) : kSmallestBlock;
        if (!reserveUpTo(m_next + m_block)) {
            return Error{
                Error::Code::Internal,
                u"The ID counter %1 cannot be written (is the disk full?). Nobody is let in until it can."_s
                    .arg(QDir::toNativeSeparators(m_file))};
        }
        m_sinceReservation.start();
    }
    return ClientId(m_next++);
}

bool IdCounter::reserveUpTo(quint64 value)
{
    QSaveFile file(m_file);
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner))
        return false;
    file.write(QByteArray::number(value) + '\n');
    if (!file.commit())
        return false;
    m_reserved = value;
    return true;
}

} // namespace wireroom
