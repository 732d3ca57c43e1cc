// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/chatroom.h"

#include "common/framing/byteexplainer.h"

#include <QHostInfo>

#include <algorithm>
#include <type_traits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Changes of presence of so much time go out together: a thousand clients that come back at once are one
/// piece of news for each, not a thousand.
constexpr int kPresenceMs = 20;

/// A Post's limit leaves room in the frame for what a Delivery says besides the body.
constexpr quint64 kEnvelopeBytes = 128 * 1024;

/// Pings without an answer before a client counts as gone.
constexpr int kMostOpenPings = 2;

template <typename T, typename... Of> constexpr bool isOneOf = (std::is_same_v<T, Of> || ...);

qint64 nowMs()
{
    return QDateTime::currentMSecsSinceEpoch();
}

quint64 bodyLimit(quint64 maxPayloadBytes)
{
    return maxPayloadBytes > 2 * kEnvelopeBytes ? maxPayloadBytes - kEnvelopeBytes : maxPayloadBytes / 2;
}

QString badName()
{
    return u"A name has 1 to %1 characters, no control characters, and no blanks around it."_s.arg(
        chat::kMaxNameLength);
}

} // namespace

ChatRoom::ChatRoom(ClientRegistry &registry, Accounts &accounts, Dispatcher &dispatcher, HistoryDesk &desk,
                   EventFeed &feed, const Bans &bans)
    : m_registry(registry), m_accounts(accounts), m_dispatcher(dispatcher), m_desk(desk), m_feed(feed),
      m_bans(bans),
      m_door(
          registry, accounts, feed,
          [this](Session &session, const chat::Hello &hello) { admit(session, hello); },
          [this](Session &session, const QString &code, const QString &text) { refuse(session, code, text); })
{
    m_presenceTimer.setSingleShot(true);
    m_presenceTimer.setInterval(kPresenceMs);
    connect(&m_presenceTimer, &QTimer::timeout, this, &ChatRoom::sendPresence);
}

void ChatRoom::open(HistoryStore *history, const ServerConfig &config)
{
    m_history = history;
    m_config = config;
    if (m_config.serverName.isEmpty())
        m_config.serverName = QHostInfo::localHostName();
    m_joining.clear();
    m_changed.clear();
    m_cannotStore.reset();
    if (m_accounts.all().empty())
        return;
    ClientsKnown known;
    for (const auto &[id, account] : m_accounts.all())
        known.clients.push_back(Accounts::snapshot(account, 0));
    m_feed.add(std::move(known));
}

void ChatRoom::shut()
{
    for (auto &[id, account] : m_accounts.all()) {
        if (m_history && std::exchange(account.progressed, false))
            m_history->saveProgress(id, account.ackedSeq, account.lastSeen);
    }
    m_history = nullptr;
}

void ChatRoom::frameReceived(Session &session, Payload &payload)
{
    ChatMember &member = *session.member();
    member.heard = ChatMember::Clock::now();
    chat::Decoded decoded = chat::decodeMessage(payload.view(), chat::Sender::Client);
    const bool isFirst = member.stage == ChatMember::Stage::Hello;
    const bool isChecked = member.stage > ChatMember::Stage::Checking;
    const auto *said = std::get_if<chat::Message>(&decoded);
    if (!said || !(std::holds_alternative<chat::Post>(*said) || std::holds_alternative<chat::Ack>(*said)))
        m_dispatcher.endTurn();
    if (const auto *error = std::get_if<chat::CodecError>(&decoded)) {
        if (error->kind == chat::CodecError::Kind::UnknownType && isChecked) {
            sendMessage(session, chat::Notice{chat::notice::UnknownType, error->text});
            return;
        }
        refuse(session,
               error->kind == chat::CodecError::Kind::WrongSide ? chat::refusal::NotAllowed
                                                                : chat::refusal::Malformed,
               error->text);
        return;
    }
    std::visit(
        [&](auto &message) {
            using T = std::decay_t<decltype(message)>;
            if constexpr (std::is_same_v<T, chat::Hello>) {
                if (isFirst)
                    handle(session, std::move(message));
                else
                    refuse(session, chat::refusal::NotAllowed, u"Hello was said already."_s);
            } else if constexpr (std::is_same_v<T, chat::Bye>) {
                handle(session, message);
            } else if constexpr (isOneOf<T, chat::Post, chat::Ack, chat::Rename, chat::Ping, chat::Pong,
                                         chat::HistoryQuery>) {
                if (!isChecked)
                    refuse(session, chat::refusal::NotAllowed,
                           u"A connection begins with Hello, and goes on after Welcome."_s);
                else
                    handle(session, std::move(message));
            }
            // The others only a server says: decodeMessage() has refused them.
        },
        std::get<chat::Message>(decoded));
}

void ChatRoom::readTurnEnded()
{
    m_dispatcher.endTurn();
}

void ChatRoom::handle(Session &session, chat::Hello &&hello)
{
    if (hello.version < 1) {
        refuse(session, chat::refusal::Version, u"This server speaks version %1."_s.arg(chat::kVersion));
        return;
    }
    if (!chat::isAcceptableName(hello.name)) {
        refuse(session, chat::refusal::Name, badName());
        return;
    }
    m_door.hello(session, std::move(hello));
}

/// Its token and its password are right.
void ChatRoom::admit(Session &session, const chat::Hello &hello)
{
    KnownAccount *account = hello.token.isEmpty() ? nullptr : m_accounts.findByToken(hello.token);
    const QString why = whyNotNamed(hello.name, account);
    if (!account && !why.isEmpty()) {
        refuse(session, chat::refusal::NameTaken, why);
    } else if (!account) {
        join(session, hello);
    } else if (why.isEmpty()) {
        rejoin(session, *account, hello);
    } else {
        // Its token proves who it is: it is let in under the name that it has here.
        chat::Hello known = hello;
        known.name = account->name;
        rejoin(session, *account, known);
        if (session.member()->account)
            sendMessage(session, chat::Notice{chat::notice::NameTaken, why});
    }
}

void ChatRoom::join(Session &session, const chat::Hello &hello)
{
    auto [account, token] = m_accounts.add(session.id(), hello.name, m_dispatcher.lastSeq());
    account.passwordEpoch = m_door.gate().epoch();
    ChatMember &member = *session.member();
    member.account = &account;
    member.serial = ++m_lastSerial;
    member.stage = ChatMember::Stage::Joining;
    member.sentSeq = account.joinedSeq;
    m_feed.add(ClientNamed{account.id, account.id, account.name, QDateTime::currentDateTimeUtc()});
    if (!m_history) {
        welcome(session, token);
        return;
    }
    // A token that a crash makes unknown would shut its client out: it waits for the disk.
    m_joining.insert_or_assign(session.id(), std::move(token));
    save(account);
    if (m_cannotStore)
        sendMessage(session, *m_cannotStore);
}

void ChatRoom::rejoin(Session &session, KnownAccount &account, const chat::Hello &hello)
{
    if (const Ban *ban = m_bans.find(account.id, QDateTime::currentDateTimeUtc())) {
        refuse(session, chat::refusal::Banned, ban->sentence());
        return;
    }
    const ClientId was = session.id();
    if (Session *older = m_registry.find(account.id)) {
        // Mostly its own connection of before, which it knows to be dead and we do not.
        if (older->member())
            older->member()->account = nullptr;
        m_registry.exchangeIds(session, *older);
        m_feed.renumbered(*older);
        refuse(*older, chat::refusal::Replaced,
               u"Client %1 connected again, from %2."_s.arg(account.id.toString(), session.info().address));
    } else {
        m_registry.setId(session, account.id);
    }
    m_feed.renumbered(session);
    ChatMember &member = *session.member();
    member.account = &account;
    member.serial = ++m_lastSerial;
    member.stage = ChatMember::Stage::Joining;
    member.sentSeq = std::min(hello.lastSeq.value_or(account.ackedSeq), m_dispatcher.committedSeq());
    if (member.sentSeq > account.ackedSeq) {
        account.ackedSeq = member.sentSeq;
        account.progressed = true;
    }
    m_accounts.cameBack(account);
    if (account.name != hello.name || account.passwordEpoch != m_door.gate().epoch()) {
        m_accounts.rename(account, hello.name);
        account.passwordEpoch = m_door.gate().epoch();
        save(account);
    }
    m_feed.add(ClientNamed{account.id, was, account.name, QDateTime::currentDateTimeUtc()});
    if (account.isDurable || !m_history)
        welcome(session, hello.token);
    else
        m_joining.insert_or_assign(account.id, hello.token);
}

void ChatRoom::welcome(Session &session, const QByteArray &token)
{
    ChatMember &member = *session.member();
    KnownAccount &account = *member.account;
    account.state = chat::PresenceState::Online;
    account.since = nowMs();
    account.lastSeen = account.since;
    account.progressed = true;

    chat::Welcome welcome;
    welcome.id = account.id;
    welcome.token = token;
    welcome.serverName = m_config.serverName;
    welcome.lastSeq = m_dispatcher.committedSeq();
    welcome.limits = {bodyLimit(m_config.maxPayloadBytes), quint64(chat::kMaxRecipients),
                      quint64(chat::kMaxNameLength), chat::kMaxPageMessages};
    welcome.lastRef = account.lastRef;
    std::vector<chat::Presence> others;
    const auto entry = [](const KnownAccount &a) {
        return chat::Presence{a.id, a.name, a.state, a.since};
    };
    welcome.roster.push_back(entry(account));
    for (const bool online : {true, false}) {
        for (const auto &[id, other] : m_accounts.all()) {
            if (&other == &account || (other.state != chat::PresenceState::Offline) != online)
                continue;
            (welcome.roster.size() < kRosterAtOnce ? welcome.roster : others).push_back(entry(other));
        }
    }
    sendMessage(session, welcome);
    if (!others.empty()) {
        QByteArray frames;
        for (const chat::Presence &presence : others)
            chat::appendMessageFrame(frames, presence);
        session.sendControl(frames);
    }
    announce(account);

    member.stage = ChatMember::Stage::CatchingUp;
    member.acted = ChatMember::Clock::now();
    if (!account.receipts.empty())
        sendMessage(session, chat::Receipts{std::exchange(account.receipts, {})});
    if (account.lastRef > 0)
        m_desk.tellReceipts(session);
    if (m_cannotStore)
        sendMessage(session, *m_cannotStore);
    m_desk.catchUp(session);
    ping(session, member.acted);
}

void ChatRoom::handle(Session &session, chat::Post &&post)
{
    const quint64 bytes = quint64(post.body.size());
    if (post.ref == 0) {
        refuse(session, chat::refusal::Malformed, u"Post: refs begin at 1."_s);
        return;
    }
    if (bytes > bodyLimit(m_config.maxPayloadBytes)) {
        session.countRefused();
        sendMessage(
            session,
            chat::Notice{chat::notice::BadValue,
                         u"Message %1 is not stored: its body of %2 bytes is over the limit of %3."_s.arg(
                             QString::number(post.ref), grouped(bytes),
                             grouped(bodyLimit(m_config.maxPayloadBytes)))});
        return;
    }
    if (post.to && qsizetype(post.to->size()) > chat::kMaxRecipients) {
        session.countRefused();
        sendMessage(session,
                    chat::Notice{chat::notice::BadValue,
                                 u"Message %1 is not stored: it names %2 recipients, and %3 is the limit."_s
                                     .arg(post.ref)
                                     .arg(post.to->size())
                                     .arg(chat::kMaxRecipients)});
        return;
    }
    session.countReceived(bytes);
    ++m_feed.totals.framesIn;
    m_feed.totals.bytesIn += bytes;
    ChatMember &member = *session.member();
    member.acted = member.heard;
    if (member.account->state == chat::PresenceState::Away)
        setState(*member.account, chat::PresenceState::Online);
    m_isPresenceDue = m_isPresenceDue || member.account->hasChanged;
    if (!m_history)
        sendDuePresence();
    m_dispatcher.post(session, std::move(post));
}

void ChatRoom::handle(Session &session, const chat::Ack &ack)
{
    m_dispatcher.acknowledge(session, ack.seq);
    m_desk.catchUp(session);
}

void ChatRoom::handle(Session &session, const chat::Rename &rename)
{
    if (!chat::isAcceptableName(rename.name)) {
        sendMessage(session, chat::Notice{chat::notice::BadValue, badName()});
        return;
    }
    ChatMember &member = *session.member();
    member.acted = member.heard;
    KnownAccount &account = *member.account;
    if (account.name == rename.name)
        return;
    if (const QString why = whyNotNamed(rename.name, &account); !why.isEmpty()) {
        sendMessage(session, chat::Notice{chat::notice::NameTaken, why});
        return;
    }
    m_accounts.rename(account, rename.name);
    save(account);
    m_feed.add(ClientNamed{account.id, account.id, account.name, QDateTime::currentDateTimeUtc()});
    announce(account);
}

void ChatRoom::handle(Session &session, const chat::Ping &ping)
{
    sendMessage(session, chat::Pong{ping.clock});
}

void ChatRoom::handle(Session &session, const chat::Pong &)
{
    ChatMember &member = *session.member();
    if (member.openPings == 0)
        return;
    session.uncountFrame();
    // Of several, it is the last one that is measured; the others only show that it lives.
    if (--member.openPings == 0)
        member.roundTripMicroseconds
            = std::chrono::duration_cast<std::chrono::microseconds>(member.heard - member.pinged).count();
    m_feed.touch(session);
}

void ChatRoom::handle(Session &session, const chat::HistoryQuery &query)
{
    session.member()->acted = session.member()->heard;
    m_desk.query(session, query);
}

void ChatRoom::handle(Session &session, const chat::Bye &bye)
{
    sendMessage(session, chat::Bye{});
    session.close(bye.reason.isEmpty() ? u"It said goodbye."_s
                                       : QString(u"It said goodbye: "_s % bye.reason));
}

void ChatRoom::refuse(Session &session, const QString &code, const QString &text)
{
    if (session.state() != Session::State::Open || !session.member())
        return;
    sendMessage(session, chat::Refused{code, text});
    session.refuse(text);
}

void ChatRoom::kick(Session &session, const QString &code, const QString &reason)
{
    sendMessage(session, chat::Refused{code, reason});
}

void ChatRoom::sayBye(Session &session, const QString &reason)
{
    if (session.member()->hasJoined())
        sendMessage(session, chat::Bye{reason});
}

void ChatRoom::committed(const HistoryCommitted &committed)
{
    for (const ClientId id : committed.accounts) {
        KnownAccount *account = m_accounts.find(id);
        if (!account)
            continue;
        account->isDurable = true;
        const auto token = m_joining.extract(id);
        Session *session = m_registry.find(id);
        if (token && session && session->member() && session->member()->stage == ChatMember::Stage::Joining
            && session->state() == Session::State::Open)
            welcome(*session, token.mapped());
    }
    sendDuePresence();
    m_dispatcher.committed(committed);
}

void ChatRoom::setStoring(bool works, const chat::Notice &notice)
{
    m_cannotStore = works ? std::nullopt : std::optional(notice);
    for (const auto &[id, session] : m_registry.sessions()) {
        if (session->member() && session->member()->stage >= ChatMember::Stage::Joining)
            sendMessage(*session, notice);
    }
}

void ChatRoom::countedWaiting(const HistoryWaiting &waiting)
{
    for (const HistoryWaiting::Count &count : waiting.counts) {
        const KnownAccount *account = m_accounts.find(count.id);
        if (account && account->state == chat::PresenceState::Offline)
            m_accounts.setWaiting(count.id, count.messages);
    }
    showWaiting();
}

void ChatRoom::drained(Session &session)
{
    m_desk.catchUp(session);
}

void ChatRoom::left(Session &session)
{
    const ChatMember &member = *session.member();
    m_door.left(session);
    if (!member.account)
        return;
    KnownAccount &account = *member.account;
    account.lastSeen = nowMs();
    account.progressed = true;
    m_joining.erase(account.id);
    const bool isCounted = member.stage == ChatMember::Stage::Live;
    m_accounts.setWaiting(account.id, member.unacknowledged.size());
    if (!isCounted && m_history)
        m_history->countWaiting();
    if (account.state != chat::PresenceState::Offline) {
        setState(account, chat::PresenceState::Offline);
    }
    if (m_history)
        return;
    if (const std::optional<ClientId> forgotten = m_accounts.wentAway(account))
        m_feed.add(ClientForgotten{*forgotten});
}

void ChatRoom::tick()
{
    const auto now = ChatMember::Clock::now();
    std::vector<Session *> members; // liveness may close some
    for (const auto &[id, session] : m_registry.sessions()) {
        if (session->member() && session->state() == Session::State::Open)
            members.push_back(session.get());
    }
    for (Session *session : members)
        checkLiveness(*session, now);
    for (auto &[id, account] : m_accounts.all()) {
        if (m_history && account.isDurable && std::exchange(account.progressed, false))
            m_history->saveProgress(id, account.ackedSeq, account.lastSeen);
    }
    showWaiting();
}

void ChatRoom::checkLiveness(Session &session, ChatMember::Clock::time_point now)
{
    ChatMember &member = *session.member();
    if (member.stage == ChatMember::Stage::Hello) {
        if (now - member.began >= m_config.helloDeadline && !session.hasUnread())
            refuse(session, chat::refusal::Deadline, u"No Hello came in time."_s);
        return;
    }
    if (!member.hasJoined())
        return;
    if (session.isPaused()) // its answer may be among what we do not read
        member.heard = now;
    if (member.account->state == chat::PresenceState::Online && now - member.acted >= m_config.awayAfter)
        setState(*member.account, chat::PresenceState::Away);
    if (now - member.heard < m_config.pingInterval || now - member.pinged < m_config.pingInterval / 2
        || session.hasUnread())
        return;
    if (member.openPings >= kMostOpenPings)
        refuse(session, chat::refusal::Deadline,
               u"It did not answer %1 pings and counts as gone."_s.arg(member.openPings));
    else
        ping(session, now);
}

void ChatRoom::ping(Session &session, ChatMember::Clock::time_point now)
{
    ChatMember &member = *session.member();
    member.pinged = now;
    ++member.openPings;
    const auto clock = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    sendMessage(session, chat::Ping{quint64(clock)});
}

void ChatRoom::save(KnownAccount &account)
{
    if (m_history)
        m_history->saveAccount(account);
}

void ChatRoom::setState(KnownAccount &account, chat::PresenceState state)
{
    account.state = state;
    account.since = nowMs();
    announce(account);
}

void ChatRoom::announce(KnownAccount &account)
{
    m_feed.add(PresenceChanged{Accounts::snapshot(account, m_accounts.waiting(account.id))});
    if (!std::exchange(account.hasChanged, true))
        m_changed.push_back(account.id);
    if (!m_presenceTimer.isActive())
        m_presenceTimer.start();
}

void ChatRoom::sendDuePresence()
{
    if (m_isPresenceDue)
        sendPresence();
}

void ChatRoom::sendPresence()
{
    m_isPresenceDue = false;
    QByteArray frames;
    for (const ClientId id : std::exchange(m_changed, {})) {
        KnownAccount *account = m_accounts.find(id);
        if (!account)
            continue;
        account->hasChanged = false;
        chat::appendMessageFrame(frames, chat::Presence{id, account->name, account->state, account->since});
    }
    for (const auto &[id, session] : m_registry.sessions()) {
        if (!frames.isEmpty() && session->member() && session->member()->hasJoined())
            session->sendControl(frames);
    }
}

void ChatRoom::showWaiting()
{
    for (auto &[id, account] : m_accounts.all()) {
        if (account.state != chat::PresenceState::Offline)
            continue;
        const quint64 waiting = m_accounts.waiting(id);
        if (waiting != std::exchange(account.waitingShown, waiting))
            m_feed.addWaiting({id, waiting});
    }
}

} // namespace wireroom
