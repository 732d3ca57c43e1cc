// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/window/threadmodel.h"

#include <QObject>

#include <map>
#include <memory>

namespace wireroom {

/// Turns what the client reports into threads of messages, and what a person does into posts and queries.
///
/// Owner: the chat panel. Owns the roster and the threads. Thread: GUI. Lives as long as the window; a
/// connection to another server or under another name begins with reset().
class ChatController : public QObject
{
    Q_OBJECT

public:
    explicit ChatController(ChatClient *client, QObject *parent = nullptr);

    const Roster &roster() const { return m_roster; }

    /// Made when it is first asked for.
    ThreadModel *thread(const Conversation &conversation);

    using Threads = std::map<Conversation, std::unique_ptr<ThreadModel>>;

    const Threads &threads() const { return m_threads; }

    /// Of a conversation: the newest number it is known to have, for its place in a list. 0: nothing was
    /// said.
    quint64 newestSeq(const Conversation &conversation) const;
    QString preview(const Conversation &conversation) const;
    /// ms since 1970, UTC; 0: nothing was said.
    qint64 newestTime(const Conversation &conversation) const;

    int unread() const;

    /// Which thread is open: only it keeps all of what was loaded. Null: none.
    void setOpen(ThreadModel *thread);
    /// Which thread is looked at; null: none (the window is not active).
    void setLookedAt(ThreadModel *thread);

    void handleBatch(const ClientBatch &batch);
    /// Another room: nothing of the one before is true.
    void reset();

    void post(const Conversation &conversation, chat::BodyKind kind, const QByteArray &body,
              std::function<void(const Result<quint64> &)> done);
    void loadOlder(ThreadModel *thread);
    void loadNewer(ThreadModel *thread);
    /// The newest page, in place of what is there.
    void loadNewest(ThreadModel *thread);
    /// A page around a message; `shown` when it is there.
    void loadAround(ThreadModel *thread, quint64 seq, std::function<void()> shown);
    void search(const QString &text, std::optional<quint64> before,
                std::function<void(const Result<chat::HistoryPage> &)> done);

    ChatMessage fromDelivery(const chat::Delivery &delivery) const;

Q_SIGNALS:
    /// A batch has changed threads, unread counts or their order.
    void threadsChanged();
    /// A page of a thread came; further ones can be asked for.
    void pageCame(wireroom::ThreadModel *thread);
    void welcomed();
    /// Somebody's message came that nobody looks at.
    void messageArrived(const wireroom::Conversation &conversation, const wireroom::ChatMessage &message);
    void noticed(const QString &code, const QString &text);

private:
    void handle(const MessageReceived &) { }

    void handle(const MessageSent &) { }

    void handle(const ClientNote &) { }

    void handle(const ClientMessagesSkipped &skipped);
    void handle(const ChatWelcomed &welcomed);
    void handle(const ChatPresenceChanged &changed);
    void handle(const ChatMessageReceived &received);
    void handle(const ChatMessageState &state);
    void handle(const ChatReceipts &receipts);
    void handle(const ChatNotice &notice);

    void flushIncoming();
    void mergePage(ThreadModel *thread, const chat::HistoryPage &page, ThreadModel::End end);
    void ask(ThreadModel *thread, const chat::HistoryQuery &query,
             std::function<void(const chat::HistoryPage &)> done);
    void remember(const Conversation &conversation, const ChatMessage &message);
    void applyReceipts(ThreadModel &thread, quint64 seq);
    void noteOwn(quint64 seq, const Conversation &conversation);
    void forgetOldThreads();

    ChatClient *m_client;
    Roster m_roster;
    Threads m_threads;

    /// What a list of conversations says of one, whatever part of it is loaded.
    struct Latest
    {
        quint64 seq = 0;
        qint64 time = 0;
        QString preview;
    };

    std::map<Conversation, Latest> m_latest;
    std::map<Conversation, std::vector<ChatMessage>> m_incoming; ///< of the batch at hand
    std::map<quint64, Conversation> m_own;                       ///< where our own messages are, by seq
    std::map<quint64, std::vector<ClientId>> m_earlyReceipts;    ///< by seq
    size_t m_earlyCount = 0;
    ThreadModel *m_open = nullptr;
    ThreadModel *m_lookedAt = nullptr;
    quint64 m_generation = 0; ///< of the room; answers of an earlier one are dropped
};

} // namespace wireroom
