// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/lingeringclose.h"
#include "common/transport/tlscontext.h"

#include <QObject>

#include <memory>
#include <vector>

namespace wireroom {

class Connection;

/// What all connections of one thread share: the buffer that they read into, and the end of a loop turn, when
/// each of those that were written to sends its bytes in one piece.
///
/// Created and destroyed in that thread, after all its connections. Not for other threads.
class IoContext : public QObject
{
public:
    /// Large enough that a bulk transfer is not bound by the number of reads, small enough to stay in the L2
    /// cache.
    static constexpr qsizetype kReadBufferBytes = 256 * 1024;

    explicit IoContext(QObject *parent = nullptr);

    char *readBuffer() { return m_readBuffer.get(); }

    LingeringClose &lingeringClose() { return m_lingeringClose; }

    TlsContext &tls() { return m_tls; }

    /// Calls connection->flushTurn() once at the end of this loop turn.
    void scheduleFlush(Connection *connection);

    /// For a connection that dies while scheduled.
    void unschedule(Connection *connection);

protected:
    void customEvent(QEvent *event) override;

private:
    std::unique_ptr<char[]> m_readBuffer;
    LingeringClose m_lingeringClose;
    TlsContext m_tls;
    std::vector<Connection *> m_toFlush;
    std::vector<Connection *> m_flushing;
};

} // namespace wireroom
