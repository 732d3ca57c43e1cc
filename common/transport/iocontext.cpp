// SPDX-License-Identifier: Apache-2.0
#include "common/transport/iocontext.h"

#include "common/transport/connection.h"

#include <QCoreApplication>
#include <QEvent>

#include <algorithm>

namespace wireroom {

IoContext::IoContext(QObject *parent)
    : QObject(parent), m_readBuffer(std::make_unique_for_overwrite<char[]>(size_t(kReadBufferBytes)))
{
}

void IoContext::scheduleFlush(Connection *connection)
{
    m_toFlush.push_back(connection);
    if (m_toFlush.size() == 1)
        QCoreApplication::postEvent(this, new QEvent(QEvent::User), Qt::LowEventPriority);
}

void IoContext::unschedule(Connection *connection)
{
    std::replace(m_toFlush.begin(), m_toFlush.end(), connection, static_cast<Connection *>(nullptr));
    std::replace(m_flushing.begin(), m_flushing.end(), connection, static_cast<Connection *>(nullptr));
}

void IoContext::customEvent(QEvent *)
{
    m_flushing.swap(m_toFlush);
    for (size_t i = 0; i < m_flushing.size(); ++i) {
        if (Connection *connection = m_flushing[i])
            connection->flushTurn();
    }
    m_flushing.clear();
}

} // namespace wireroom
