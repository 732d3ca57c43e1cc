// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/dispatcher.h"

#include "common/framing/byteexplainer.h"
#include "common/framing/frameencoder.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Receipts of so much time go out together.
constexpr int kReceiptMs = 10;

/// How soon to look again whether a new peer has spoken, and how many messages may wait for that.
constexpr int kHeldMs = 50;
constexpr size_t kMostHeld = 256;

/// A client that is away is told so many receipts when it returns; the others with the pages that it looks
/// at.
constexpr size_t kMostKeptReceipts = 10'000;

/// Receipts in one message.
constexpr size_t kReceiptsAtOnce = 20'000;

} // namespace

void sendMessage(Session &session, const chat::Message &message)
{
    const bool isFirst = !std::exchange(session.member()->hasSpoken, true);
    session.sendControl(
        chat::encodeMessageFrame(message, isFirst ? chat::FirstFrame::Yes : chat::FirstFrame::No));
}

Dispatcher::Dispatcher(ClientRegistry &registry, Accounts &accounts, EventFeed &feed)
    : m_registry(registry), m_accounts(accounts), m_feed(feed)
{
    m_receiptTimer.setSingleShot(true);
    m_receiptTimer.setInterval(kReceiptMs);
    connect(&m_receiptTimer, &QTimer::timeout, this, &Dispatcher::sendReceipts);
    m_heldTimer.setSingleShot(true);
    m_heldTimer.setInterval(kHeldMs);
    connect(&m_heldTimer, &QTimer::timeout, this, &Dispatcher::sendHeld);
}

void Dispatcher::open(HistoryStore *history, quint64 lastSeq)
{
    m_history = history;
    m_lastSeq = std::max(m_lastSeq, lastSeq);
    m_committedSeq = m_lastSeq;
    m_pending.clear();
    m_pendingBytes = 0;
    m_turn.clear();
    m_waiting.clear();
    m_receipts.clear();
    m_held.clear();
}

bool Dispatcher::isKnown(ClientId id) const
{
    if (id.isOperator())
        return true;
    if (m_history && m_accounts.find(id))
        return true;
    const Session *session = m_registry.find(id);
    return session && session->state() != Session::State::Closing;
}

quint64 Dispatcher::countOthers(ClientId sender)
{
    if (m_turnOthers && m_turnOthers->first == sender)
        return m_turnOthers->second;
    quint64 count = 0;
    for (const auto &[id, session] : m_registry.sessions()) {
        if (id == sender || session->state() != Session::State::Open)
            continue;
        const ChatMember *member = session->member();
        count += !member || member->hasJoined() ? 1 : 0;
    }
    m_turnOthers = {sender, count};
    return count;
}

void Dispatcher::post(Session &from, chat::Post &&post)
{
    Pending pending;
    HistoryMessage &message = pending.message;
    message.from = from.id();
    message.ref = post.ref;
    message.kind = post.kind;
    message.body = std::move(post.body);
    KnownAccount &account = *from.member()->account;
    message.mayBeRepeated = post.ref <= account.lastRef;
    account.lastRef = std::max(account.lastRef, post.ref);
    if (post.to) {
        std::sort(post.to->begin(), post.to->end());
        post.to->erase(std::unique(post.to->begin(), post.to->end()), post.to->end());
        const auto firstUnknown = std::stable_partition(post.to->begin(), post.to->end(),
                                                        [this](ClientId id) { return isKnown(id); });
        pending.unknown.assign(firstUnknown, post.to->end());
        post.to->erase(firstUnknown, post.to->end());
        pending.recipients = post.to->size();
        message.to = std::move(post.to);
    } else {
        pending.recipients = countOthers(message.from);
    }
    pending.format = from.format();
    submit(std::move(pending));
    if (m_pending.size() > kMostPending || m_pendingBytes > kMostPendingBytes)
        waitFor(from);
}

quint64 Dispatcher::postForOperator(chat::Addressees to, chat::BodyKind kind, const QByteArray &body)
{
    Pending pending;
    pending.message.to = std::move(to);
    pending.message.kind = kind;
    pending.message.body = body;
    submit(std::move(pending));
    endTurn();
    return m_lastSeq;
}

quint64 Dispatcher::keepPlain(Session &from, const QByteArray &body)
{
    if (!m_history)
        return 0;
    Pending pending;
    pending.isPlain = true;
    pending.message.from = from.id();
    pending.message.to = std::vector{kOperator};
    pending.message.kind = body.isValidUtf8() ? chat::BodyKind::Text : chat::BodyKind::Bytes;
    pending.message.body = body;
    submit(std::move(pending));
    if (m_pending.size() > kMostPending || m_pendingBytes > kMostPendingBytes)
        waitFor(from);
    return m_lastSeq;
}

void Dispatcher::submit(Pending &&pending)
{
    // The times of a history never run backwards, whatever somebody does to the clock.
    m_lastTime = std::max(m_lastTime, QDateTime::currentMSecsSinceEpoch());
    pending.message.seq = ++m_lastSeq;
    pending.message.time = m_lastTime;
    if (m_history) {
        m_pendingBytes += quint64(pending.message.body.size());
        m_history->append(pending.message);
        m_pending.push_back(std::move(pending));
        return;
    }
    m_committedSeq = m_lastSeq;
    m_turn.push_back(std::move(pending));
}

void Dispatcher::endTurn()
{
    m_turnOthers.reset();
    if (m_turn.empty())
        return;
    std::vector<Pending> turn = std::exchange(m_turn, {});
    StoredFrames stored;
    for (Pending &pending : turn)
        finish(pending, nullptr, stored);
    send(stored);
    deliverBatch(turn);
}

void Dispatcher::committed(const HistoryCommitted &committed)
{
    std::vector<Pending> batch;
    StoredFrames stored;
    auto repeated = committed.repeated.begin();
    while (!m_pending.empty() && m_pending.front().message.seq <= committed.upToSeq) {
        Pending &pending = m_pending.front();
        m_pendingBytes -= quint64(pending.message.body.size());
        if (committed.isRefused && pending.message.seq == committed.upToSeq) {
            send(stored);
            tellRefused(pending);
            m_pending.pop_front();
            continue;
        }
        const bool isRepeated = repeated != committed.repeated.end() && repeated->seq == pending.message.seq;
        finish(pending, isRepeated ? &*repeated : nullptr, stored);
        if (isRepeated)
            ++repeated;
        else if (!pending.isPlain)
            batch.push_back(std::move(pending));
        m_pending.pop_front();
    }
    send(stored);
    m_committedSeq = std::max(m_committedSeq, committed.upToSeq);
    deliverBatch(batch);
    resumeWaiting();
}

/// It is neither stored nor delivered. Whoever runs the server has read why.
void Dispatcher::tellRefused(const Pending &pending)
{
    Session *from = m_registry.find(pending.message.from);
    if (from && from->member()) {
        sendMessage(*from,
                    chat::Notice{chat::notice::BadValue,
                                 u"Message %1 is not stored: the server's history does not take it."_s.arg(
                                     pending.message.ref)});
    }
}

/// The sender learns that it is stored, and so does whoever runs the server.
void Dispatcher::finish(Pending &pending, const HistoryCommitted::Repeated *repeated, StoredFrames &stored)
{
    const HistoryMessage &message = pending.message;
    if (pending.isPlain)
        return;
    if (message.from.isOperator()) {
        m_feed.add(MessageStored{message.seq, QDateTime::fromMSecsSinceEpoch(message.time, Qt::UTC)});
        return;
    }
    Session *from = m_registry.find(message.from);
    if (from && from->member()) {
        if (stored.to != message.from) {
            send(stored);
            stored.to = message.from;
        }
        chat::appendMessageFrame(stored.frames,
                                 chat::Stored{message.ref, repeated ? repeated->storedSeq : message.seq,
                                              repeated ? repeated->storedTime : message.time, pending.unknown,
                                              pending.recipients});
    }
    if (!repeated && m_feed.wantsMessages()) {
        MessagePassed passed{QDateTime::fromMSecsSinceEpoch(message.time, Qt::UTC),
                             message.from,
                             {},
                             pending.format,
                             message.body};
        passed.seq = message.seq;
        passed.toEveryone = !message.to;
        if (message.to)
            passed.to = *message.to;
        passed.isChat = true;
        passed.kind = message.kind;
        m_feed.addMessage(std::move(passed), from);
    }
}

void Dispatcher::send(StoredFrames &stored)
{
    const QByteArray frames = std::exchange(stored.frames, {});
    Session *session = frames.isEmpty() ? nullptr : m_registry.find(stored.to);
    if (session)
        session->sendControl(frames);
}

/// Messages to everyone that follow each other leave as one piece for all.
void Dispatcher::deliverBatch(std::span<Pending> batch)
{
    std::vector<const HistoryMessage *> run;
    for (const Pending &pending : batch) {
        if (!pending.message.to) {
            run.push_back(&pending.message);
            continue;
        }
        if (!run.empty())
            deliverToEveryone(run);
        run.clear();
        deliverToSome(pending.message);
    }
    if (!run.empty())
        deliverToEveryone(run);
}

namespace {

QByteArray encode(const HistoryMessage &message)
{
    QByteArray frame;
    chat::appendDeliveryFrame(
        frame, {message.seq, message.time, message.from, message.to, message.kind, message.body});
    return frame;
}

} // namespace

void Dispatcher::deliverToEveryone(std::span<const HistoryMessage *const> run)
{
    QByteArray all;
    std::vector<ClientId> senders;
    for (const HistoryMessage *message : run) {
        all.append(encode(*message));
        m_accounts.countForEveryone();
        if (senders.empty() || senders.back() != message->from)
            senders.push_back(message->from);
    }
    std::sort(senders.begin(), senders.end());
    for (const auto &[id, session] : m_registry.sessions()) {
        if (session->state() != Session::State::Open)
            continue;
        ChatMember *member = session->member();
        if (!member) {
            for (const HistoryMessage *message : run) {
                if (!message->from.isOperator()) // what the operator writes has gone there already
                    sendPlain(*session, *message);
            }
            continue;
        }
        if (member->stage != ChatMember::Stage::Live)
            continue;
        const bool isSender = std::binary_search(senders.begin(), senders.end(), id);
        if (!isSender && run.front()->seq > member->sentSeq) {
            deliver(*session, all, run);
            continue;
        }
        // Nobody is delivered what it said itself, nor what the history has given it already.
        QByteArray others;
        std::vector<const HistoryMessage *> messages;
        for (const HistoryMessage *message : run) {
            if (message->from == id || message->seq <= member->sentSeq)
                continue;
            others.append(encode(*message));
            messages.push_back(message);
        }
        if (!messages.empty())
            deliver(*session, others, messages);
    }
}

void Dispatcher::deliverToSome(const HistoryMessage &message)
{
    const QByteArray frame = encode(message);
    const HistoryMessage *const one[] = {&message};
    for (const ClientId id : *message.to) {
        if (id.isOperator()) {
            if (!message.from.isOperator())
                addReceipt(message.from, message.seq, kOperator);
            continue;
        }
        Session *session = m_registry.find(id);
        const bool isOpen = session && session->state() != Session::State::Closing;
        if (isOpen && !session->isChat()) {
            // What the operator writes to a plain client has gone there already.
            if (!message.from.isOperator() && !hold(*session, message))
                sendPlain(*session, message);
        } else if (isOpen && session->member()->stage == ChatMember::Stage::Live) {
            if (message.seq > session->member()->sentSeq)
                deliver(*session, frame, one);
        } else if (!isOpen) {
            m_accounts.countFor(id);
        }
    }
}

/// A peer that is new may be about to say Hello, which nobody must spoil by guessing its ID: what names it
/// waits until it has spoken, or was silent for long enough. False where it need not wait.
bool Dispatcher::hold(Session &session, const HistoryMessage &message)
{
    const bool isBehindOthers = std::any_of(m_held.begin(), m_held.end(),
                                            [&](const Held &held) { return held.to == session.id(); });
    if ((!session.mayStillSpeak() && !isBehindOthers) || m_held.size() >= kMostHeld)
        return false;
    m_held.push_back({session.id(), message});
    if (!m_heldTimer.isActive())
        m_heldTimer.start();
    return true;
}

void Dispatcher::sendHeld()
{
    for (Held &held : std::exchange(m_held, {})) {
        Session *session = m_registry.find(held.to);
        if (!session || session->state() == Session::State::Closing || session->isChat())
            continue;
        if (session->mayStillSpeak())
            m_held.push_back(std::move(held));
        else
            sendPlain(*session, held.message);
    }
    if (!m_held.empty())
        m_heldTimer.start();
}

void Dispatcher::sendPlain(Session &session, const HistoryMessage &message)
{
    // To a message for everyone, a peer that has not spoken yet need not listen: it may be about to say
    // Hello.
    if (message.to)
        session.settleFormat();
    QString why = session.whyNotSent(quint64(message.body.size()));
    if (why.isEmpty())
        why = whyNotFramed(session.format(), message.body).value_or(QString());
    if (!why.isEmpty()) {
        Session *from = m_registry.find(message.from);
        if (message.to && from && from->member()) {
            sendMessage(*from,
                        chat::Notice{chat::notice::BadValue,
                                     u"Message %1 was not sent to client %2. %3"_s.arg(
                                         QString::number(message.ref), session.id().toString(), why)});
        }
        return;
    }
    session.send(encodeFrame(session.format(), message.body), 1, quint64(message.body.size()));
    ++m_feed.totals.framesOut;
    m_feed.totals.bytesOut += quint64(message.body.size());
    m_feed.touch(session);
    if (!message.from.isOperator())
        addReceipt(message.from, message.seq, session.id());
}

void Dispatcher::deliver(Session &session, const QByteArray &frames,
                         std::span<const HistoryMessage *const> messages)
{
    ChatMember &member = *session.member();
    if (!m_history && session.isFullFor(quint64(frames.size()))) {
        session.dropAsSlow();
        return;
    }
    quint64 bytes = 0;
    for (const HistoryMessage *message : messages) {
        bytes += quint64(message->body.size());
        member.unacknowledged.push_back({message->seq, message->from});
    }
    member.sentSeq = messages.back()->seq;
    session.send(frames, messages.size(), bytes);
    m_feed.totals.framesOut += messages.size();
    m_feed.totals.bytesOut += bytes;
    m_feed.touch(session);
    if (m_history && member.stage == ChatMember::Stage::Live && isBehind(session))
        member.stage = ChatMember::Stage::CatchingUp;
    while (!m_history && member.unacknowledged.size() > kMostUnacknowledged)
        member.unacknowledged.pop_front();
}

bool Dispatcher::isBehind(Session &session)
{
    return session.queuedBytes() > Channel::kHighWaterBytes
        || session.member()->unacknowledged.size() >= kMostUnacknowledged;
}

void Dispatcher::acknowledge(Session &session, quint64 seq)
{
    ChatMember &member = *session.member();
    // It cannot have what it was not sent.
    seq = std::min(seq, member.sentSeq);
    if (seq > member.account->ackedSeq) {
        member.account->ackedSeq = seq;
        member.account->progressed = true;
        session.uncountFrame();
    }
    // Most are of the same sender as the one before.
    ClientId sender = kOperator;
    std::vector<std::pair<quint64, ClientId>> *receipts = nullptr;
    for (; !member.unacknowledged.empty() && member.unacknowledged.front().seq <= seq;
         member.unacknowledged.pop_front()) {
        const ChatMember::Unacknowledged &delivered = member.unacknowledged.front();
        if (!receipts || delivered.from != sender) {
            addReceipt(delivered.from, delivered.seq, session.id());
            sender = delivered.from;
            receipts = sender.isOperator() ? nullptr : &m_receipts[sender];
        } else {
            receipts->emplace_back(delivered.seq, session.id());
        }
    }
    m_feed.touch(session);
}

void Dispatcher::addReceipt(ClientId sender, quint64 seq, ClientId recipient)
{
    if (sender.isOperator()) {
        m_feed.add(MessageDelivered{seq, recipient, QDateTime::currentDateTimeUtc()});
        return;
    }
    m_receipts[sender].emplace_back(seq, recipient);
    if (!m_receiptTimer.isActive())
        m_receiptTimer.start();
}

void Dispatcher::sendReceipts()
{
    for (auto &[sender, list] : std::exchange(m_receipts, {})) {
        Session *session = m_registry.find(sender);
        if (session && session->member() && session->member()->hasJoined()) {
            for (size_t at = 0; at < list.size(); at += kReceiptsAtOnce) {
                const size_t end = std::min(at + kReceiptsAtOnce, list.size());
                sendMessage(*session,
                            chat::Receipts{{list.begin() + qptrdiff(at), list.begin() + qptrdiff(end)}});
            }
        } else if (KnownAccount *account = m_accounts.find(sender)) {
            const size_t room = kMostKeptReceipts - std::min(kMostKeptReceipts, account->receipts.size());
            account->receipts.insert(account->receipts.end(), list.begin(),
                                     list.begin() + qptrdiff(std::min(room, list.size())));
        }
    }
}

void Dispatcher::waitFor(Session &from)
{
    from.pause(Session::PauseStore);
    if (std::find(m_waiting.begin(), m_waiting.end(), from.id()) == m_waiting.end())
        m_waiting.push_back(from.id());
}

void Dispatcher::resumeWaiting()
{
    if (m_pending.size() > kMostPending / 2 || m_pendingBytes > kMostPendingBytes / 2)
        return;
    for (const ClientId id : std::exchange(m_waiting, {})) {
        if (Session *session = m_registry.find(id))
            session->resume(Session::PauseStore);
    }
}

} // namespace wireroom
