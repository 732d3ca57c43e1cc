// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatcontroller.h"

#include "common/base/payloadtext.h"

#include <QPointer>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kPageMessages = 60;

/// What is read at first of all conversations together, so that the list has those of late.
constexpr quint64 kFirstMessages = 200;

/// Receipts of messages that are not here (yet) which are kept.
constexpr size_t kMostEarlyReceipts = 50'000;

/// Our own messages whose receipts are waited for.
constexpr size_t kMostOwn = 20'000;

/// The server has them all; those in which nothing was said for longest are read again when they are opened.
constexpr size_t kMostThreads = 300;

constexpr qsizetype kPreviewChars = 80;

} // namespace

ChatController::ChatController(ChatClient *client, QObject *parent) : QObject(parent), m_client(client) { }

ThreadModel *ChatController::thread(const Conversation &conversation)
{
    std::unique_ptr<ThreadModel> &thread = m_threads[conversation];
    if (!thread)
        thread = std::make_unique<ThreadModel>(conversation, m_roster);
    return thread.get();
}

quint64 ChatController::newestSeq(const Conversation &conversation) const
{
    const auto found = m_latest.find(conversation);
    return found == m_latest.end() ? 0 : found->second.seq;
}

QString ChatController::preview(const Conversation &conversation) const
{
    const auto found = m_latest.find(conversation);
    return found == m_latest.end() ? QString() : found->second.preview;
}

qint64 ChatController::newestTime(const Conversation &conversation) const
{
    const auto found = m_latest.find(conversation);
    return found == m_latest.end() ? 0 : found->second.time;
}

int ChatController::unread() const
{
    int unread = 0;
    for (const auto &[conversation, thread] : m_threads)
        unread += thread->unread;
    return unread;
}

void ChatController::setOpen(ThreadModel *thread)
{
    if (m_open == thread)
        return;
    if (m_open)
        m_open->setOpen(false);
    m_open = thread;
    if (m_open)
        m_open->setOpen(true);
}

void ChatController::setLookedAt(ThreadModel *thread)
{
    m_lookedAt = thread;
    if (thread && std::exchange(thread->unread, 0) > 0)
        Q_EMIT threadsChanged();
}

void ChatController::reset()
{
    ++m_generation;
    m_open = nullptr;
    m_lookedAt = nullptr;
    m_threads.clear();
    m_latest.clear();
    m_incoming.clear();
    m_own.clear();
    m_earlyReceipts.clear();
    m_earlyCount = 0;
    m_roster.set({}, {});
    m_roster.tellChanges();
    Q_EMIT threadsChanged();
}

void ChatController::handleBatch(const ClientBatch &batch)
{
    for (const ClientEvent &event : batch.events)
        std::visit([this](const auto &e) { handle(e); }, event);
    flushIncoming();
    forgetOldThreads();
    m_roster.tellChanges();
    Q_EMIT threadsChanged();
}

void ChatController::forgetOldThreads()
{
    while (m_threads.size() > kMostThreads) {
        auto oldest = m_threads.end();
        quint64 seq = std::numeric_limits<quint64>::max();
        for (auto at = m_threads.begin(); at != m_threads.end(); ++at) {
            // What waits to be sent or read stays.
            const bool isNeeded
                = at->second.get() == m_open || at->second->hasWaiting() || at->second->unread > 0;
            if (!isNeeded && newestSeq(at->first) < seq) {
                oldest = at;
                seq = newestSeq(at->first);
            }
        }
        if (oldest == m_threads.end())
            return;
        m_latest.erase(oldest->first);
        m_threads.erase(oldest);
    }
}

void ChatController::noteOwn(quint64 seq, const Conversation &conversation)
{
    m_own.insert_or_assign(seq, conversation);
    if (m_own.size() > kMostOwn)
        m_own.erase(m_own.begin());
}

void ChatController::handle(const ClientMessagesSkipped &)
{
    // More came at once than a window takes. The server has them: what is open is read from there.
    m_incoming.clear();
    for (const auto &[conversation, thread] : m_threads) {
        thread->hasNewer = true;
        if (thread.get() == m_lookedAt)
            loadNewest(thread.get());
    }
}

void ChatController::handle(const ChatWelcomed &welcomed)
{
    const bool isFirst = m_roster.me() != welcomed.id;
    m_roster.set(welcomed.id, welcomed.roster);
    if (isFirst) {
        chat::HistoryQuery query;
        query.limit = kFirstMessages;
        ask(nullptr, query, [this](const chat::HistoryPage &page) {
            std::map<Conversation, chat::HistoryPage> byConversation;
            byConversation[{}]; // also where nothing was said to everyone of late
            for (const chat::Delivery &delivery : page.deliveries)
                byConversation[Conversation::of(m_roster.me(), delivery.from, delivery.to)]
                    .deliveries.push_back(delivery);
            for (auto &[conversation, part] : byConversation) {
                ThreadModel *own = thread(conversation);
                mergePage(own, part, ThreadModel::End::Newest);
                own->hasOlder = page.more;
                own->isLoaded = true;
            }
        });
    }
    m_roster.tellChanges();
    Q_EMIT this->welcomed();
}

void ChatController::handle(const ChatPresenceChanged &changed)
{
    m_roster.update(changed.presence);
}

ChatMessage ChatController::fromDelivery(const chat::Delivery &delivery) const
{
    ChatMessage message;
    message.seq = delivery.seq;
    message.time = delivery.time;
    message.from = delivery.from;
    message.to = delivery.to;
    message.kind = delivery.kind;
    message.body = delivery.body;
    message.isOwn = delivery.from == m_roster.me();
    if (message.isOwn && delivery.to)
        message.recipients = delivery.to->size();
    return message;
}

void ChatController::remember(const Conversation &conversation, const ChatMessage &message)
{
    Latest &latest = m_latest[conversation];
    // What waits is the newest of all.
    if (message.seq < latest.seq && message.seq > 0)
        return;
    latest.seq = std::max(latest.seq, message.seq);
    latest.time = message.time;
    const QString text = message.kind == chat::BodyKind::Text ? payloadLine(message.body, true, kPreviewChars)
                                                              : u"%1 bytes"_s.arg(message.body.size());
    const QString who = message.isOwn ? u"You"_s : m_roster.name(message.from);
    latest.preview = message.isOwn || !conversation.isPerson() ? u"%1: %2"_s.arg(who, text) : text;
}

void ChatController::handle(const ChatMessageReceived &received)
{
    ChatMessage message = fromDelivery(received.delivery);
    const Conversation conversation = Conversation::of(m_roster.me(), message.from, message.to);
    remember(conversation, message);
    m_incoming[conversation].push_back(std::move(message));
}

void ChatController::flushIncoming()
{
    for (auto &[conversation, messages] : std::exchange(m_incoming, {})) {
        ThreadModel *own = thread(conversation);
        const bool isSeen = own == m_lookedAt && !own->hasNewer;
        if (!isSeen)
            own->unread += int(
                std::count_if(messages.begin(), messages.end(), [](const auto &m) { return !m.isOwn; }));
        if (own != m_lookedAt && !messages.back().isOwn)
            Q_EMIT messageArrived(conversation, messages.back());
        if (own->hasNewer)
            continue;
        own->merge(std::move(messages), ThreadModel::End::Newest);
    }
}

void ChatController::handle(const ChatMessageState &state)
{
    const ClientId me = m_roster.me();
    const Conversation conversation = Conversation::of(me, me, state.to);
    ThreadModel *own = thread(conversation);
    flushIncoming();
    own->update(state, me);
    ChatMessage message;
    message.seq = state.seq;
    message.time = state.time;
    message.kind = state.kind;
    message.body = state.body;
    message.isOwn = true;
    remember(conversation, message);
    if (state.seq > 0) {
        noteOwn(state.seq, conversation);
        applyReceipts(*own, state.seq);
    }
}

void ChatController::handle(const ChatReceipts &receipts)
{
    for (const auto &[seq, who] : receipts.list) {
        const auto found = m_own.find(seq);
        if (found != m_own.end()) {
            thread(found->second)->addReceipt(seq, who);
            continue;
        }
        m_earlyReceipts[seq].push_back(who);
        if (++m_earlyCount > kMostEarlyReceipts) {
            m_earlyCount -= m_earlyReceipts.begin()->second.size();
            m_earlyReceipts.erase(m_earlyReceipts.begin());
        }
    }
}

void ChatController::applyReceipts(ThreadModel &thread, quint64 seq)
{
    if (const auto early = m_earlyReceipts.extract(seq)) {
        m_earlyCount -= early.mapped().size();
        for (const ClientId who : early.mapped())
            thread.addReceipt(seq, who);
    }
}

void ChatController::handle(const ChatNotice &notice)
{
    Q_EMIT noticed(notice.code, notice.text);
}

void ChatController::post(const Conversation &conversation, chat::BodyKind kind, const QByteArray &body,
                          std::function<void(const Result<quint64> &)> done)
{
    m_client->post(conversation.addressees(), kind, body, std::move(done));
}

void ChatController::ask(ThreadModel *thread, const chat::HistoryQuery &query,
                         std::function<void(const chat::HistoryPage &)> done)
{
    if (thread)
        thread->isLoading = true;
    m_client->queryHistory(query,
                           [self = QPointer(this), thread = QPointer(thread), isOfThread = thread != nullptr,
                            generation = m_generation,
                            done = std::move(done)](const Result<chat::HistoryPage> &page) {
                               if (!self || self->m_generation != generation || (isOfThread && !thread))
                                   return;
                               if (thread)
                                   thread->isLoading = false;
                               if (!page) {
                                   // Without a connection it is asked again when somebody looks there again.
                                   if (thread && page.error().code == Error::Code::Unsupported)
                                       thread->hasOlder = false;
                                   Q_EMIT self->threadsChanged();
                                   return;
                               }
                               done(page.value());
                               Q_EMIT self->threadsChanged();
                               if (thread)
                                   Q_EMIT self->pageCame(thread);
                           });
}

void ChatController::mergePage(ThreadModel *thread, const chat::HistoryPage &page, ThreadModel::End end)
{
    std::vector<ChatMessage> messages;
    for (const chat::Delivery &delivery : page.deliveries) {
        messages.push_back(fromDelivery(delivery));
        remember(thread->conversation(), messages.back());
        if (messages.back().isOwn)
            noteOwn(delivery.seq, thread->conversation());
    }
    thread->merge(std::move(messages), end);
    for (const chat::Delivery &delivery : page.deliveries)
        applyReceipts(*thread, delivery.seq);
}

void ChatController::loadOlder(ThreadModel *thread)
{
    if (thread->isLoading || !thread->hasOlder)
        return;
    chat::HistoryQuery query;
    query.with = thread->conversation().with;
    query.limit = kPageMessages;
    if (thread->oldestSeq() > 0)
        query.before = thread->oldestSeq();
    ask(thread, query, [this, thread](const chat::HistoryPage &page) {
        thread->hasOlder = page.more && !page.deliveries.empty();
        thread->isLoaded = true;
        mergePage(thread, page, ThreadModel::End::Oldest);
    });
}

void ChatController::loadNewer(ThreadModel *thread)
{
    if (thread->isLoading || !thread->hasNewer)
        return;
    chat::HistoryQuery query;
    query.with = thread->conversation().with;
    query.limit = kPageMessages;
    query.after = thread->newestSeq();
    ask(thread, query, [this, thread](const chat::HistoryPage &page) {
        thread->hasNewer = page.more && !page.deliveries.empty();
        mergePage(thread, page, ThreadModel::End::Newest);
    });
}

void ChatController::loadNewest(ThreadModel *thread)
{
    if (thread->isLoading)
        return;
    chat::HistoryQuery query;
    query.with = thread->conversation().with;
    query.limit = kPageMessages;
    ask(thread, query, [this, thread](const chat::HistoryPage &page) {
        if (thread->hasNewer)
            thread->clearStored();
        thread->hasNewer = false;
        thread->hasOlder = page.more;
        thread->isLoaded = true;
        mergePage(thread, page, ThreadModel::End::Newest);
    });
}

void ChatController::loadAround(ThreadModel *thread, quint64 seq, std::function<void()> shown)
{
    if (thread->rowOf(seq) >= 0) {
        shown();
        return;
    }
    chat::HistoryQuery query;
    query.with = thread->conversation().with;
    query.limit = kPageMessages;
    query.before = seq + 1;
    ask(thread, query, [this, thread, shown = std::move(shown)](const chat::HistoryPage &page) {
        thread->clearStored();
        thread->hasOlder = page.more;
        thread->hasNewer = true;
        mergePage(thread, page, ThreadModel::End::Oldest);
        shown();
        loadNewer(thread);
    });
}

void ChatController::search(const QString &text, std::optional<quint64> before,
                            std::function<void(const Result<chat::HistoryPage> &)> done)
{
    chat::HistoryQuery query;
    query.text = text;
    query.before = before;
    query.limit = kPageMessages;
    m_client->queryHistory(query, [self = QPointer(this), done = std::move(done)](const auto &page) {
        if (self)
            done(page);
    });
}

} // namespace wireroom
