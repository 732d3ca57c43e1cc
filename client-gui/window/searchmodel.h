// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/window/chatcontroller.h"

#include <QAbstractListModel>

namespace wireroom {

/// The messages that a search found at the server, the newest first; further pages as they are asked for. It
/// has the roles of SidebarModel.
///
/// Owner: the chat panel. Thread: GUI.
class SearchModel : public QAbstractListModel
{
    Q_OBJECT

public:
    explicit SearchModel(ChatController *controller, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

    /// Begins anew; an empty text finds nothing.
    void search(const QString &text);

    const ChatMessage &message(int row) const { return m_found[size_t(row)]; }

    Conversation conversation(int row) const;

    /// "Searching …", "12 messages contain “x”", or why there is no answer.
    const QString &statusText() const { return m_status; }

Q_SIGNALS:
    void statusChanged();

private:
    void ask();
    void take(const Result<chat::HistoryPage> &page);
    void setStatus(const QString &text);

    ChatController *m_controller;
    QString m_text;
    QString m_status;
    std::vector<ChatMessage> m_found;
    quint64 m_search = 0; ///< answers of earlier ones are dropped
    bool m_hasMore = false;
    bool m_isAsking = false;
};

} // namespace wireroom
