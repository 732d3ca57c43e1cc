// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatsession.h"

#include "common/base/hostport.h"
#include "common/framing/byteexplainer.h"
#include "common/protocol/messagecodec.h"

#include <QUtf8StringView>

#include <algorithm>
#include <chrono>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What a message costs besides its body.
constexpr quint64 kMessageBytes = 128;

/// After these codes of Refused it would come to the same the next time.
bool isPermanent(const QString &code)
{
    using namespace chat::refusal;
    for (const QString &permanent : {Version, Name, UnknownToken, Password, NeedsTls, NameTaken, Replaced,
                                     Kicked, TlsRequired, Banned}) {
        if (code == permanent)
            return true;
    }
    return false;
}

quint64 sizeOf(const QByteArray &body)
{
    return quint64(body.size()) + kMessageBytes;
}

QString listed(const std::vector<ClientId> &ids)
{
    constexpr size_t kMost = 10;
    QStringList names;
    for (size_t i = 0; i < ids.size() && i < kMost; ++i)
        names << ids[i].toString();
    if (ids.size() > kMost)
        names << u"…"_s;
    return names.join(u", "_s);
}

ChatMessageState stateOf(const OutboxMessage &message, ChatMessageState::State state)
{
    ChatMessageState result;
    result.ref = message.ref;
    result.state = state;
    result.to = message.to;
    result.kind = message.kind;
    result.body = message.body;
    result.time = message.time;
    return result;
}

bool isExpectedBeforeWelcome(const chat::Message &message)
{
    return std::holds_alternative<chat::Welcome>(message) || std::holds_alternative<chat::Refused>(message)
        || std::holds_alternative<chat::Notice>(message) || std::holds_alternative<chat::Bye>(message)
        || std::holds_alternative<chat::Ping>(message) || std::holds_alternative<chat::Pong>(message);
}

} // namespace

ChatSession::ChatSession(const ClientConfig &config, ClientFeed &feed, Inbox<LinkReply> &replies,
                         ChatSessionHost &host)
    : m_config(config), m_feed(feed), m_replies(replies), m_host(host)
{
    m_state = std::make_unique<ChatState>(
        config, [this](ChatStateReply &&reply) { std::visit([this](auto &r) { handle(r); }, reply); });

    m_ackTimer.setSingleShot(true);
    connect(&m_ackTimer, &QTimer::timeout, this, &ChatSession::saveProgress);
    connect(&m_tick, &QTimer::timeout, this, &ChatSession::onTick);
    m_greetingTimer.setSingleShot(true);
    connect(&m_greetingTimer, &QTimer::timeout, this, [this] {
        m_host.closeConnection(
            {CloseReason::Kind::Network,
             u"%1 accepted the connection but does not answer. Perhaps it is no chat server."_s.arg(
                 HostPort{m_config.host, m_config.port}.toString())});
    });
    m_leaveTimer.setSingleShot(true);
    connect(&m_leaveTimer, &QTimer::timeout, this, &ChatSession::continueLeaving);
}

ChatSession::~ChatSession()
{
    if (m_takenSeq > m_savedSeq)
        m_state->saveProgress(m_takenSeq);
    const Error over{Error::Code::Unreachable, u"The client became another one."_s};
    for (const PostOnLink &post : m_early)
        answer<quint64>(post.request, over);
    for (const Adding &adding : m_adding)
        answer<quint64>(adding.request, over);
    failQueries(over);
    answerRename(over);
}

bool ChatSession::isFor(const ClientConfig &config) const
{
    return config.chat && !config.chat->joinAsNew && config.chat->name == m_config.chat->name
        && config.chat->stateDir == m_config.chat->stateDir
        && config.host.trimmed().compare(m_config.host, Qt::CaseInsensitive) == 0
        && config.port == m_config.port;
}

template <typename T> void ChatSession::answer(quint64 request, Result<T> result)
{
    m_replies.post(LinkAnswer<T>{request, std::move(result)});
}

// The state on disk.

void ChatSession::handle(ChatStateOpened &reply)
{
    m_isOpen = true;
    m_token = reply.token;
    m_name = reply.name.isEmpty() ? m_config.chat->name : reply.name;
    m_savedSeq = m_config.chat->lastSeq.value_or(reply.lastSeq);
    m_takenSeq = m_savedSeq;
    m_receivedSeq = m_savedSeq;
    m_lastRef = reply.lastRef;
    m_oldRefs = reply.lastRef;
    m_isLastRefKnown = reply.isLastRefKnown;
    m_hasMoreOnDisk = m_lastRef > 0;
    refill();
    for (const PostOnLink &command : std::exchange(m_early, {})) {
        m_addingBytes -= sizeOf(command.body);
        post(command);
    }
    m_host.stateOpened();
}

void ChatSession::handle(const ChatStateNotOpened &reply)
{
    for (const PostOnLink &post : std::exchange(m_early, {}))
        answer<quint64>(post.request, reply.error);
    m_host.stateNotOpened(reply.error.text);
}

void ChatSession::handle(const ChatStateFailing &reply)
{
    m_feed.note(reply.text, true);
}

void ChatSession::handle(const ChatStateRecovered &)
{
    m_feed.note(u"The state directory can be written again."_s, false);
}

// Posting.

std::optional<Error> ChatSession::whyNotPosted(const PostOnLink &command) const
{
    const quint64 size = sizeOf(command.body);
    if (command.to && command.to->empty())
        return Error{Error::Code::BadInput, u"The message has no recipient."_s};
    if (command.kind == chat::BodyKind::Text
        && !QUtf8StringView(command.body.constData(), command.body.size()).isValidUtf8())
        return Error{Error::Code::BadInput, u"The message is no valid text. Send it as bytes."_s};
    const QString why
        = whyNotSendable({.ref = 0, .to = command.to, .kind = command.kind, .body = command.body, .time = 0});
    if (!why.isEmpty())
        return Error{Error::Code::TooLarge, why};
    // Without a file the outbox is memory; with one, memory is only what the disk has not taken yet.
    const quint64 held = m_config.chat->stateDir.isEmpty() ? m_waitingBytes : m_addingBytes;
    if (held > 0 && held + size > m_config.maxQueueBytes) {
        return Error{Error::Code::Busy,
                     u"%1 bytes wait in the outbox already. The message was not taken."_s.arg(grouped(held))};
    }
    if (m_isOpen && !m_isLastRefKnown) {
        return Error{Error::Code::Unreachable,
                     u"The outbox is new while the client is not: connect first, then write."_s};
    }
    return std::nullopt;
}

/// Against the server's limits, as far as they are known; a sentence, or nothing.
QString ChatSession::whyNotSendable(const OutboxMessage &message) const
{
    const quint64 recipients = message.to ? message.to->size() : 0;
    quint64 mostRecipients = quint64(chat::kMaxRecipients);
    if (m_limits && m_limits->recipients > 0)
        mostRecipients = std::min(mostRecipients, m_limits->recipients);
    if (recipients > mostRecipients)
        return u"A message takes %1 recipients at most, not %2."_s.arg(grouped(mostRecipients),
                                                                       grouped(recipients));
    quint64 mostBytes = m_config.maxPayloadBytes;
    if (m_limits && m_limits->bodyBytes > 0)
        mostBytes = m_limits->bodyBytes;
    if (quint64(message.body.size()) > mostBytes) {
        return u"A message has %1 bytes at most, not %2."_s.arg(grouped(mostBytes),
                                                                grouped(quint64(message.body.size())));
    }
    return {};
}

void ChatSession::post(const PostOnLink &command)
{
    if (std::optional<Error> why = whyNotPosted(command)) {
        answer<quint64>(command.request, *why);
        return;
    }
    m_addingBytes += sizeOf(command.body);
    if (m_isOpen)
        addToOutbox(command);
    else
        m_early.push_back(command);
}

void ChatSession::addToOutbox(const PostOnLink &command)
{
    OutboxMessage message{.ref = ++m_lastRef,
                          .to = command.to,
                          .kind = command.kind,
                          .body = command.body,
                          .time = QDateTime::currentMSecsSinceEpoch()};
    m_waitingBytes += sizeOf(message.body);
    m_state->add(message);
    m_adding.push_back({command.request, std::move(message)});
}

void ChatSession::handle(const OutboxAdded &reply)
{
    while (!m_adding.empty() && m_adding.front().message.ref <= reply.upToRef) {
        Adding adding = std::move(m_adding.front());
        m_adding.pop_front();
        m_addingBytes -= sizeOf(adding.message.body);
        if (reply.error) {
            m_waitingBytes -= sizeOf(adding.message.body);
            answer<quint64>(adding.request, *reply.error);
            continue;
        }
        answer<quint64>(adding.request, adding.message.ref);
        m_feed.add(stateOf(adding.message, ChatMessageState::State::Waiting), adding.message.body.size());
        if (m_hasMoreOnDisk || !hasRoom()) {
            m_hasMoreOnDisk = true;
        } else {
            m_loadedRef = adding.message.ref;
            putInFlight(std::move(adding.message));
        }
    }
    sendWaiting();
    refill();
    continueLeaving();
}

bool ChatSession::hasRoom() const
{
    return m_inFlight.empty() || (m_inFlight.size() < kMostInFlight && m_inFlightBytes < kMostInFlightBytes);
}

void ChatSession::putInFlight(OutboxMessage message)
{
    m_inFlightBytes += sizeOf(message.body);
    const quint64 ref = message.ref;
    m_inFlight.emplace(ref, std::move(message));
}

OutboxMessage ChatSession::takeFromFlight(std::map<quint64, OutboxMessage>::iterator message)
{
    OutboxMessage taken = std::move(message->second);
    m_inFlight.erase(message);
    m_inFlightBytes -= sizeOf(taken.body);
    if (taken.ref > m_oldRefs)
        m_waitingBytes -= sizeOf(taken.body);
    return taken;
}

/// Reads further messages of the outbox once there is room for a good number of them.
void ChatSession::refill()
{
    if (!m_isOpen || !m_hasMoreOnDisk || m_isReading || m_inFlight.size() > kMostInFlight / 2
        || (!m_inFlight.empty() && m_inFlightBytes > kMostInFlightBytes / 2))
        return;
    m_isReading = true;
    m_state->read(m_loadedRef, kMostInFlight / 2, kMostInFlightBytes / 2);
}

void ChatSession::handle(OutboxRead &reply)
{
    m_isReading = false;
    if (!reply.page) {
        m_feed.note(reply.page.error().text, true);
        return;
    }
    OutboxPage &page = reply.page.value();
    m_hasMoreOnDisk = page.more;
    for (OutboxMessage &message : page.messages) {
        m_loadedRef = message.ref;
        if (!message.why.isEmpty()) {
            tellFailed(message, message.why);
            continue;
        }
        if (message.ref <= m_oldRefs)
            m_feed.add(stateOf(message, ChatMessageState::State::Waiting), message.body.size());
        putInFlight(std::move(message));
    }
    sendWaiting();
    refill();
}

void ChatSession::sendWaiting()
{
    if (m_phase != Phase::Online && m_phase != Phase::Leaving)
        return;
    QByteArray frames;
    quint64 count = 0;
    for (auto next = m_inFlight.upper_bound(m_sentRef); next != m_inFlight.end();) {
        m_sentRef = next->first;
        const OutboxMessage &message = next->second;
        const QString why = whyNotSendable(message);
        if (why.isEmpty()) {
            chat::appendMessageFrame(frames, chat::Post{message.ref, message.to, message.kind, message.body});
            ++count;
            ++next;
            continue;
        }
        const auto unsendable = next++;
        m_state->fail(message.ref, why);
        tellFailed(takeFromFlight(unsendable), why);
    }
    if (count > 0)
        m_host.sendFrames(frames, count);
}

/// The outbox keeps it until the front end has heard.
void ChatSession::tellFailed(const OutboxMessage &message, const QString &why)
{
    ChatMessageState state = stateOf(message, ChatMessageState::State::Failed);
    state.why = why;
    m_failed.emplace_back(m_feed.nextBatch(), message.ref);
    m_feed.add(std::move(state), message.body.size());
}

void ChatSession::handle(const chat::Stored &message)
{
    const auto found = m_inFlight.find(message.ref);
    if (found == m_inFlight.end())
        return;
    const OutboxMessage own = takeFromFlight(found);
    ChatMessageState state = stateOf(own, ChatMessageState::State::Stored);
    state.seq = message.seq;
    state.time = message.time;
    state.unknown = message.unknown;
    state.recipients = message.recipients;
    if (message.recipients == 0 && !message.unknown.empty()) {
        const QString why = u"Nobody has the ID %1."_s.arg(listed(message.unknown));
        m_state->fail(own.ref, why);
        state.state = ChatMessageState::State::Failed;
        state.why = why;
        m_failed.emplace_back(m_feed.nextBatch(), own.ref);
    } else {
        m_state->forget(own.ref);
        if (message.recipients == 0)
            state.state = ChatMessageState::State::Delivered;
        m_stored.add(state);
    }
    m_feed.add(std::move(state), own.body.size());
    refill();
}

void ChatSession::handle(chat::Receipts &message)
{
    for (const auto &[seq, who] : message.list)
        m_stored.receipt(seq, who);
    const qsizetype bytes = qsizetype(message.list.size() * sizeof(message.list.front()));
    m_feed.add(ChatReceipts{std::move(message.list)}, bytes);
}

// Receiving.

void ChatSession::handle(chat::Delivery &message)
{
    // What is sent again after a reconnect was taken before.
    if (message.seq <= m_receivedSeq)
        return;
    m_receivedSeq = message.seq;
    const quint64 batch = m_feed.nextBatch();
    if (!m_received.empty() && m_received.back().first == batch)
        m_received.back().second = message.seq;
    else
        m_received.emplace_back(batch, message.seq);
    const qsizetype bytes = message.body.size();
    m_feed.add(ChatMessageReceived{std::move(message)}, bytes);
}

void ChatSession::batchTaken()
{
    const quint64 taken = m_feed.takenBatches();
    for (; !m_failed.empty() && m_failed.front().first <= taken; m_failed.pop_front())
        m_state->forget(m_failed.front().second);
    for (; !m_received.empty() && m_received.front().first <= taken; m_received.pop_front())
        m_takenSeq = std::max(m_takenSeq, m_received.front().second);
    saveProgress();
    continueLeaving();
}

void ChatSession::saveProgress()
{
    const bool isSoon = m_ackTimer.isActive() && m_phase != Phase::Leaving;
    if (m_isSaving || isSoon || m_takenSeq <= m_savedSeq)
        return;
    m_isSaving = true;
    m_state->saveProgress(m_takenSeq);
}

void ChatSession::handle(const ProgressSaved &reply)
{
    m_isSaving = false;
    m_savedSeq = reply.seq;
    m_ackTimer.start(kAckInterval);
    if (m_phase == Phase::Online)
        acknowledge();
    continueLeaving();
}

void ChatSession::acknowledge()
{
    if (m_savedSeq <= m_ackedSeq)
        return;
    m_ackedSeq = m_savedSeq;
    send(chat::Ack{m_ackedSeq});
}

// The connection.

void ChatSession::connected()
{
    m_phase = Phase::Greeting;
    m_sentRef = 0;
    m_quietTicks = 0;
    m_unknownTypeTold = false;
    // The server counts what Hello names as acknowledged: no more than what is safe here.
    m_ackedSeq = m_savedSeq;
    chat::Hello hello;
    hello.name = m_name;
    hello.token = m_token;
    hello.lastSeq = m_savedSeq;
    if (m_host.isLinkPrivate() || m_config.chat->passwordUnencrypted) {
        hello.password = m_config.chat->password;
    } else if (m_config.chat->password && m_token.isEmpty()) {
        handle(chat::Refused{chat::refusal::NeedsTls,
                             u"The password is not sent to %1: others could read it on its way, as the "
                             "connection is not encrypted. Connect with TLS."_s.arg(
                                 HostPort{m_config.host, m_config.port}.toString())});
        return;
    }
    m_host.sendFrames(chat::encodeMessageFrame(hello, chat::FirstFrame::Yes), 1);
    m_greetingTimer.start(m_config.welcomeDeadline);
    m_tick.start(std::max(m_config.pingInterval / 2, std::chrono::milliseconds(1)));
}

void ChatSession::connectionClosed()
{
    m_phase = Phase::Closed;
    m_greetingTimer.stop();
    m_leaveTimer.stop();
    m_tick.stop();
    const Error lost{Error::Code::Unreachable, u"The connection was lost before the answer came."_s};
    failQueries(lost);
    answerRename(lost);
}

void ChatSession::send(const chat::Message &message)
{
    m_host.sendFrames(chat::encodeMessageFrame(message), 1);
}

void ChatSession::handleFrame(QByteArrayView payload)
{
    if (m_phase == Phase::Leaving || m_phase == Phase::Closed)
        return;
    chat::Decoded decoded = chat::decodeMessage(payload);
    if (const auto *error = std::get_if<chat::CodecError>(&decoded)) {
        if (error->kind == chat::CodecError::Kind::Malformed || m_phase == Phase::Greeting) {
            protocolError(error->text);
        } else if (!std::exchange(m_unknownTypeTold, true)) {
            m_feed.note(
                u"The server sends messages of type %1, which this version does not know. They are ignored."_s
                    .arg(error->type),
                false);
        }
        return;
    }
    auto &message = std::get<chat::Message>(decoded);
    if (m_phase == Phase::Greeting && !isExpectedBeforeWelcome(message))
        protocolError(u"It did not begin with Welcome."_s);
    else
        std::visit([this](auto &m) { handle(m); }, message);
}

void ChatSession::readTurnEnded()
{
    m_quietTicks = 0;
    for (ChatMessageState &state : m_stored.takeChanges())
        m_feed.add(std::move(state));
    // What Stored made room for.
    sendWaiting();
}

void ChatSession::handle(chat::Welcome &message)
{
    if (m_phase != Phase::Greeting) {
        protocolError(u"A second Welcome came."_s);
        return;
    }
    if (message.version != chat::kVersion) {
        protocolError(u"It speaks version %1 of the protocol, and this client version %2."_s.arg(
            QString::number(message.version), QString::number(chat::kVersion)));
        return;
    }
    m_greetingTimer.stop();
    m_phase = Phase::Welcomed;
    m_id = message.id;
    m_limits = message.limits;
    for (const chat::Presence &presence : message.roster) {
        if (presence.id == m_id)
            setName(presence.name);
    }
    if (message.lastRef > m_lastRef) {
        m_lastRef = message.lastRef;
        m_state->saveLastRef(m_lastRef);
    }
    m_isLastRefKnown = true;
    if (message.lastSeq < m_receivedSeq) {
        m_feed.note(
            u"The server's newest message is older than the last one read here: it was put back to an "
            "earlier state."_s,
            true);
        m_received.clear();
        m_receivedSeq = message.lastSeq;
        m_takenSeq = message.lastSeq;
        m_savedSeq = message.lastSeq;
        m_ackedSeq = message.lastSeq;
        m_state->saveProgress(message.lastSeq);
    }
    m_feed.add(ChatWelcomed{.id = m_id,
                            .name = m_name,
                            .serverName = std::move(message.serverName),
                            .lastSeq = message.lastSeq,
                            .limits = message.limits,
                            .roster = std::move(message.roster)});
    if (message.token.isEmpty() || message.token == m_token) {
        goOnline();
        return;
    }
    // Before anything is posted under it: a client that forgot who it was would post it all again as
    // somebody else.
    m_token = message.token;
    m_state->saveToken(m_token);
}

void ChatSession::handle(const TokenSaved &reply)
{
    if (reply.error)
        m_host.closeConnection({CloseReason::Kind::Protocol, reply.error->text});
    else if (m_phase == Phase::Welcomed)
        goOnline();
}

void ChatSession::goOnline()
{
    m_phase = Phase::Online;
    m_host.welcomed();
    acknowledge();
    sendWaiting();
    refill();
}

void ChatSession::handle(const chat::Refused &message)
{
    const QString text = message.text.isEmpty() ? message.code : message.text;
    m_feed.add(ChatNotice{message.code, message.text});
    m_host.closeConnection(
        {isPermanent(message.code) ? CloseReason::Kind::Protocol : CloseReason::Kind::Network,
         message.code == chat::refusal::NeedsTls ? text : u"The server refused: %1"_s.arg(text)});
}

void ChatSession::handle(const chat::Bye &message)
{
    m_host.closeConnection({CloseReason::Kind::ByPeer,
                            message.reason.isEmpty()
                                ? u"The server ended the connection."_s
                                : u"The server ended the connection: %1"_s.arg(message.reason)});
}

void ChatSession::handle(chat::Presence &message)
{
    if (message.id == m_id) {
        setName(message.name);
        if (m_rename && m_rename->name == message.name)
            answerRename(message.name);
    }
    m_feed.add(ChatPresenceChanged{std::move(message)});
}

void ChatSession::setName(const QString &name)
{
    if (name == m_name || !chat::isAcceptableName(name))
        return;
    m_name = name;
    m_state->saveName(name);
}

void ChatSession::handle(const chat::Ping &message)
{
    send(chat::Pong{message.clock});
}

void ChatSession::handle(const chat::Pong &) { } // any sign of life will do

void ChatSession::handle(const chat::Notice &message)
{
    m_feed.add(ChatNotice{message.code, message.text});
    // It is there, and says why it lets us wait.
    m_greetingTimer.stop();
    const QString text = message.text.isEmpty() ? message.code : message.text;
    if (message.code == chat::notice::NoHistory) {
        failQueries({Error::Code::Unsupported, text});
    } else if (message.code == chat::notice::NameTaken) {
        answerRename(Error{Error::Code::InUse, text});
    } else if (message.code == chat::notice::BadValue) {
        // It does not say what it is about; a name is the likelier one.
        if (m_rename) {
            answerRename(Error{Error::Code::BadInput, text});
        } else if (!m_queries.empty()) {
            answer<chat::HistoryPage>(m_queries.front().second, Error{Error::Code::BadInput, text});
            m_queries.pop_front();
        }
    }
}

void ChatSession::notForClients()
{
    protocolError(u"A message came that only clients send."_s);
}

void ChatSession::protocolError(const QString &text)
{
    const bool isGreeting = m_phase == Phase::Greeting;
    if (!isGreeting)
        send(chat::Bye{text});
    m_host.closeConnection(
        {CloseReason::Kind::Protocol,
         (isGreeting ? u"%1 does not speak the chat protocol, or another version of it. %2"_s
                     : u"%1 sent something that is no message of the chat protocol. %2"_s)
             .arg(HostPort{m_config.host, m_config.port}.toString(), text)});
}

void ChatSession::onTick()
{
    // While we do not read, the silence is ours.
    if (m_host.isReadingPaused())
        m_quietTicks = 0;
    else
        ++m_quietTicks;
    if (m_phase == Phase::Closed || m_phase == Phase::Leaving)
        return;
    if (m_quietTicks == 2 || m_quietTicks == 3) {
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        send(chat::Ping{quint64(std::chrono::duration_cast<std::chrono::milliseconds>(now).count())});
    } else if (m_quietTicks > 3) {
        m_host.closeConnection(
            {CloseReason::Kind::Network,
             u"The server does not answer any more: the machine or the network is gone."_s});
    }
}

// Leaving.

void ChatSession::leave(bool waitForTaker)
{
    if (m_phase != Phase::Online && m_phase != Phase::Leaving) {
        m_host.readyToClose();
        return;
    }
    m_phase = Phase::Leaving;
    m_waitForTaker = waitForTaker;
    if (waitForTaker && m_feed.hasEvents())
        m_feed.deliver();
    m_leaveTimer.start(m_config.flushDeadline);
    saveProgress();
    continueLeaving();
}

void ChatSession::continueLeaving()
{
    const bool isWaiting
        = (m_waitForTaker && !m_received.empty()) || m_takenSeq > m_savedSeq || !m_adding.empty();
    if (m_phase != Phase::Leaving || (isWaiting && m_leaveTimer.isActive()))
        return;
    m_leaveTimer.stop();
    acknowledge();
    send(chat::Bye{});
    m_phase = Phase::Closed;
    m_host.readyToClose();
}

// Asking.

void ChatSession::rename(const RenameOnLink &command)
{
    if (m_phase != Phase::Online) {
        answer<QString>(command.request,
                        Error{Error::Code::Unreachable, u"Not connected: the name stays."_s});
    } else if (!chat::isAcceptableName(command.name)) {
        answer<QString>(
            command.request,
            Error{Error::Code::BadInput,
                  u"A name has 1 to %1 characters, none of them invisible, and no blank at its ends."_s.arg(
                      chat::kMaxNameLength)});
    } else if (m_rename) {
        answer<QString>(command.request,
                        Error{Error::Code::Busy, u"Another name was asked for just before."_s});
    } else if (command.name == m_name) {
        answer<QString>(command.request, m_name);
    } else {
        m_rename = command;
        send(chat::Rename{command.name});
    }
}

void ChatSession::answerRename(const Result<QString> &result)
{
    if (m_rename)
        answer<QString>(std::exchange(m_rename, {})->request, result);
}

void ChatSession::queryHistory(const QueryOnLink &command)
{
    // Also while the disk is late with the token that came in Welcome: asking does not need it.
    if (m_phase != Phase::Online && m_phase != Phase::Welcomed) {
        answer<chat::HistoryPage>(
            command.request,
            Error{Error::Code::Unreachable, u"Not connected: the server cannot be asked."_s});
        return;
    }
    if (m_queries.size() >= kMostQueries) {
        answer<chat::HistoryPage>(
            command.request, Error{Error::Code::Busy, u"Too many questions wait for the server's answer."_s});
        return;
    }
    chat::HistoryQuery query = command.query;
    query.query = ++m_lastQuery;
    query.limit = std::min(query.limit, chat::kMaxPageMessages);
    if (m_limits && m_limits->pageMessages > 0)
        query.limit = std::min(query.limit, m_limits->pageMessages);
    // The conversation is with the others, unless there are none.
    if (query.with && query.with->size() > 1)
        std::erase(*query.with, m_id);
    m_queries.emplace_back(query.query, command.request);
    send(query);
}

void ChatSession::handle(chat::HistoryPage &message)
{
    const auto found = std::find_if(m_queries.begin(), m_queries.end(),
                                    [&](const auto &query) { return query.first == message.query; });
    if (found == m_queries.end())
        return;
    const quint64 request = found->second;
    m_queries.erase(found);
    answer<chat::HistoryPage>(request, std::move(message));
}

void ChatSession::failQueries(const Error &error)
{
    for (const auto &[query, request] : std::exchange(m_queries, {}))
        answer<chat::HistoryPage>(request, error);
}

} // namespace wireroom
