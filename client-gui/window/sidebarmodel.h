// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/window/chatcontroller.h"

#include <QAbstractListModel>
#include <QTimer>

namespace wireroom {

/// The conversations there are and could be: everyone, those in which something was said (the newest first),
/// then who is here, then who is not.
///
/// Owner: the chat panel. Thread: GUI. Made anew, at most every kRefreshMs, from the controller's threads and
/// roster.
class SidebarModel : public QAbstractListModel
{
    Q_OBJECT

public:
    static constexpr int kRefreshMs = 100;

    enum Role {
        DetailRole = Qt::UserRole + 1, ///< QString: the preview, or presence
        PresenceRole,                  ///< int of chat::PresenceState; -1: no person
        PersonRole,                    ///< quint64: whose picture
        UnreadRole,                    ///< int
        MomentRole,                    ///< QString: when something was said last
    };

    SidebarModel(ChatController *controller, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

    const Conversation &conversation(int row) const { return m_rows[size_t(row)].conversation; }

    int rowOf(const Conversation &conversation) const;

    /// Shows only those whose title or ID contains this.
    void setFilter(const QString &text);

    /// At once, not after kRefreshMs.
    void refresh();

private:
    struct Row
    {
        Conversation conversation;
        QString title;
        QString detail;
        QString moment;
        int presence = -1;
        int unread = 0;
        friend bool operator==(const Row &, const Row &) = default;
    };

    Row row(const Conversation &conversation) const;
    std::vector<Row> rows() const;

    ChatController *m_controller;
    QString m_filter;
    std::vector<Row> m_rows;
    QTimer m_refresh;
};

} // namespace wireroom
