// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historystore.h"
#include "server-gui/window/namebook.h"

#include <QObject>
#include <QPointer>

namespace wireroom {

class ChatServer;
class MessageLogModel;
class MessageLogView;

/// Puts older messages of the history in front of the message log: the newest page when the server starts,
/// more when somebody wants them, and while there is a filter what the whole history has of it.
///
/// Owner: the server window, like the server, the log and the names. Thread: GUI. One page is on its way at a
/// time; what was asked for a filter that is no longer set is thrown away.
class HistoryPager : public QObject
{
    Q_OBJECT

public:
    HistoryPager(ChatServer *server, MessageLogView *view, const NameBook &names, QObject *parent = nullptr);

    /// The server listens and knows its clients' names.
    void begin();
    /// The server has stopped.
    void end();

private:
    void ask();
    void take(const Result<HistoryMessages> &page);
    void takePage(const HistoryMessages &page);
    void startOver();
    void noteDropped();
    void show();

    ChatServer *m_server;
    MessageLogView *m_view;
    MessageLogModel *m_log;
    const NameBook &m_names;
    QString m_place;        ///< of the history that the log's rows are from
    bool m_isOpen = false;  ///< there is a history to ask
    bool m_hasMore = false; ///< older messages than the rows, or there may be
    bool m_isAsking = false;
    quint64 m_round = 0;             ///< another one for each filter
    int m_emptyPages = 0;            ///< one after the other
    std::optional<quint64> m_before; ///< where the last page that was looked through begins
    quint64 m_dropped = 0;           ///< MessageLogModel::Totals::droppedRows
};

} // namespace wireroom
