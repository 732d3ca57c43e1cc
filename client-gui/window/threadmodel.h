// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/window/chatmessage.h"
#include "client-gui/window/roster.h"

#include <QAbstractListModel>

#include <deque>

namespace wireroom {

/// The messages of one conversation, in the order of their numbers; what is not stored yet comes last. A
/// window on the server's history: bounded, and extended at either end by pages.
///
/// Owner: the chat controller. Thread: GUI. A message is in it once, however often it comes.
class ThreadModel : public QAbstractListModel
{
    Q_OBJECT

public:
    /// Beyond it the end that is not looked at is let go.
    static constexpr int kMostMessages = 2'000;
    /// While it is not open.
    static constexpr int kMostClosed = 200;

    enum Role {
        SeqRole = Qt::UserRole + 1, ///< quint64
        BodyRole,                   ///< QByteArray
        StateTextRole,              ///< of our own messages: "Delivered to 2 of 3"
    };

    /// Which end a page was asked for at; the other one gives way when there is too much.
    enum class End : quint8 { Oldest, Newest };

    ThreadModel(const Conversation &conversation, const Roster &roster, QObject *parent = nullptr);

    const Conversation &conversation() const { return m_conversation; }

    const Roster &roster() const { return m_roster; }

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

    const ChatMessage &message(int row) const { return m_messages[size_t(row)]; }

    /// Puts messages where they belong; those that are there already stay as they are.
    void merge(std::vector<ChatMessage> &&messages, End end);
    /// One of our own in this run: new, or further on.
    void update(const ChatMessageState &state, ClientId me);
    void addReceipt(quint64 seq, ClientId who);
    /// Whether it is the one that is shown.
    void setOpen(bool open);

    /// Whether something of ours is not stored yet.
    bool hasWaiting() const { return storedCount() < m_messages.size(); }

    /// Forgets what is stored; what waits stays.
    void clearStored();

    /// The highest number there is; 0: none.
    quint64 newestSeq() const;
    quint64 oldestSeq() const;
    /// -1 where it is not there.
    int rowOf(quint64 seq) const;

    // What is at the server beyond the ends, as far as is known.
    bool hasOlder = true;
    bool hasNewer = false;
    bool isLoading = false;
    bool isLoaded = false; ///< the newest page was here
    int unread = 0;

private:
    size_t storedCount() const;
    size_t placeOf(quint64 seq) const;
    void trim(End end);
    void touch(size_t row);
    void touchBefore(size_t row);
    QString text(const ChatMessage &message) const;

    Conversation m_conversation;
    const Roster &m_roster;
    std::deque<ChatMessage> m_messages;
    bool m_isOpen = false;
};

/// Our own message's state in words.
QString stateText(const ChatMessage &message, const Roster &roster);

} // namespace wireroom
