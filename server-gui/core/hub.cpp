// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/hub.h"

#include "common/transport/fingerprint.h"
#include "common/transport/tlsidentity.h"

#include <QDir>
#include <QThread>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Descriptors that the program needs besides its clients'.
constexpr quint64 kSpareDescriptors = 64;

QDateTime now()
{
    return QDateTime::currentDateTimeUtc();
}

} // namespace

Hub::Hub(Inbox<HubReply> &replies)
    : m_replies(replies), m_handshakes(
                              [this](ClientId id) {
                                  if (Session *session = m_registry.find(id))
                                      session->beginTls(m_tls);
                              },
                              [this](ClientId id, const QString &reason) {
                                  if (Session *session = m_registry.find(id))
                                      session->failTls(reason);
                              }),
      m_feed(m_registry, [this](ServerBatch &&batch) { m_replies.post(std::move(batch)); }),
      m_dispatcher(m_registry, m_accounts, m_feed), m_desk(m_registry, m_accounts, m_dispatcher),
      m_room(m_registry, m_accounts, m_dispatcher, m_desk, m_feed, m_bans),
      m_router(m_registry, m_accounts, m_dispatcher, m_feed), m_rates(m_feed), m_queues(m_registry, m_feed),
      m_commands([this](std::vector<HubCommand> &&commands) {
          for (const HubCommand &command : commands)
              std::visit([this](const auto &c) { handle(c); }, command);
      })
{
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, &Hub::tick);
    m_lookAgain.setInterval(Greeting::kLookAgainMs);
    connect(&m_lookAgain, &QTimer::timeout, this, &Hub::lookAgain);
    m_handshakeTick.setInterval(Handshakes::kTick);
    connect(&m_handshakeTick, &QTimer::timeout, this, [this] {
        m_handshakes.tick(Handshakes::Clock::now());
        if (m_handshakes.isEmpty())
            m_handshakeTick.stop();
    });
}

Hub::~Hub() = default;

void Hub::handle(const StartHub &command)
{
    if (m_state != State::Stopped)
        return;
    m_config = command.config;
    m_feed.configure(m_config.messageFeed, m_config.feedsCounters);
    m_router.setPolicy(m_config.plainPolicy);

    Result<std::unique_ptr<IdCounter>> ids = IdCounter::open(m_config.dataDir);
    if (!ids)
        return fail(ids.error(), true);
    m_ids = std::move(ids).value();
    if (const std::optional<Error> error = loadTls())
        return fail(*error, true);
    if (const std::optional<Error> error = m_bans.open(m_config.dataDir))
        return fail(*error, true);
    if (const std::optional<Error> error = m_room.door().open(m_config))
        return fail(*error, true);
    m_state = State::Opening;
    const QString url = historyUrl();
    if (url.isEmpty()) {
        m_accounts.load({});
        m_dispatcher.open(nullptr, 0);
        listen();
        return;
    }
    HistoryConfig history;
    history.url = url;
    history.maxAge = std::chrono::hours(24) * m_config.historyDays;
    history.maxBytes = m_config.historyBytes;
    m_isHistoryFailing = false;
    m_history = std::make_unique<HistoryStore>(history, [this](HistoryReply &&reply) {
        std::visit([this](auto &&r) { handle(std::move(r)); }, std::move(reply));
    });
}

std::optional<Error> Hub::loadTls()
{
    m_tls.reset();
    TlsConfig &tls = m_config.tls;
    if (std::optional<Error> fault = tls.fault(m_config.dataDir))
        return fault;
    tls.mode = tls.modeInForce(m_config.dataDir);
    if (*tls.mode == TlsMode::Off)
        return std::nullopt;
    Result<TlsIdentity> identity = tls.namesFiles() ? TlsIdentity::load(tls.certificateFile, tls.keyFile)
                                                    : TlsIdentity::loadOrMake(m_config.dataDir);
    if (!identity)
        return identity.error();
    m_tls = std::make_shared<const TlsIdentity>(std::move(identity).value());
    m_handshakes.setLimits({tls.handshakeDeadline, tls.maxHandshakes, tls.maxHandshakesPerAddress});
    return std::nullopt;
}

QString Hub::historyUrl() const
{
    if (m_config.history == ServerConfig::kNoHistory)
        return {};
    if (m_config.history.isEmpty() && !m_config.dataDir.isEmpty())
        return QDir(m_config.dataDir).filePath(u"history.db"_s);
    return m_config.history;
}

// Both may end in the history's end, which must not be inside its own call.

void Hub::handle(HistoryOpened &&opened)
{
    QMetaObject::invokeMethod(
        this, [this, opened = std::move(opened)]() mutable { useHistory(std::move(opened)); },
        Qt::QueuedConnection);
}

void Hub::handle(const HistoryNotOpened &notOpened)
{
    QMetaObject::invokeMethod(
        this, [this, error = notOpened.error] { fail(error, true); }, Qt::QueuedConnection);
}

void Hub::useHistory(HistoryOpened &&opened)
{
    if (!opened.note.isEmpty())
        m_feed.add(ServerNote{now(), {}, opened.note});
    m_ids->skipTo(opened.highestId);
    m_accounts.load(std::move(opened.accounts));
    m_dispatcher.open(m_history.get(), opened.lastSeq);
    m_desk.open(m_history.get());
    m_history->countWaiting();
    if (m_state == State::Opening)
        listen();
    else
        stopWhenEmpty();
}

void Hub::fail(const Error &error, bool isOfSettings)
{
    m_state = State::Stopped;
    m_dispatcher.shut();
    m_history.reset();
    m_listener.reset();
    m_ids.reset();
    m_replies.post(HubStopped{});
    m_feed.add(ServerFailed{error, isOfSettings});
    if (m_quitWhenStopped)
        QThread::currentThread()->quit();
}

void Hub::listen()
{
    m_listener = std::make_unique<Listener>([this](Descriptor socket) { accept(std::move(socket)); },
                                            [this](const QString &text) {
                                                m_feed.add(ServerNote{now(), {}, text});
                                            });
    const Result<quint16> port = m_listener->open(m_config);
    if (!port)
        return fail(port.error(), false);

    m_threads.setCount(std::min(m_config.ioThreads, ServerConfig::kMostIoThreads));
    m_maxClients = std::max(1, m_config.maxClients);
    const quint64 limit = raiseDescriptorLimit();
    const quint64 descriptors = limit / quint64(m_threads.descriptorsEach());
    if (descriptors > 0 && descriptors < quint64(m_maxClients) + kSpareDescriptors) {
        m_maxClients
            = int(descriptors > 2 * kSpareDescriptors ? descriptors - kSpareDescriptors : descriptors / 2);
        m_feed.add(ServerNote{
            now(),
            {},
            u"The system lets this program hold %1 descriptors: %2 clients are let in at most. Raise the "
            "limit of open files for more."_s.arg(limit)
                .arg(m_maxClients)});
    }
    m_admission.open(m_config, m_maxClients);
    m_rates.open(m_config);
    m_queues.open(m_config);
    m_state = State::Listening;
    m_tick.start();
    const QHostAddress bound = m_listener->serverAddress();
    const QString address = bound == QHostAddress(QHostAddress::Any) ? u"*"_s : bound.toString();
    m_replies.post(HubListening{address, port.value(), m_maxClients});
    m_feed.add(ServerListening{address, port.value()});
    if (m_tls) {
        const auto fingerprint = Fingerprint::fromString(QString::fromLatin1(m_tls->fingerprint.toHex()));
        m_feed.add(TlsReady{*m_config.tls.mode, fingerprint->toString(), m_tls->validUntil});
        if (!m_tls->remark.isEmpty())
            m_feed.add(ServerNote{now(), {}, m_tls->remark});
    }
    m_room.open(m_history.get(), m_config);
}

void Hub::handle(const HistoryCommitted &committed)
{
    m_room.committed(committed);
}

void Hub::handle(const HistoryFailing &failing)
{
    m_isHistoryFailing = true;
    m_feed.add(HistoryState{false, failing.text});
    m_room.setStoring(false, {chat::notice::CannotStore, failing.text});
}

void Hub::handle(const HistoryRecovered &)
{
    const QString text = u"Messages are stored again."_s;
    m_isHistoryFailing = false;
    m_feed.add(HistoryState{true, text});
    m_room.setStoring(true, {chat::notice::StoresAgain, text});
}

void Hub::handle(const HistoryPageRead &read)
{
    m_desk.pageRead(read);
}

void Hub::handle(const HistoryWaiting &waiting)
{
    m_room.countedWaiting(waiting);
}

void Hub::handle(const HistoryNote &note)
{
    m_feed.add(ServerNote{now(), {}, note.text});
}

void Hub::handle(const StopHub &)
{
    if (m_state == State::Opening) {
        // The history's answer ends it.
        m_state = State::Stopping;
        return;
    }
    if (m_state != State::Listening)
        return;
    m_state = State::Stopping;
    m_listener->shut();
    std::vector<ClientId> ids;
    for (const auto &[id, session] : m_registry.sessions())
        ids.push_back(id);
    for (const ClientId id : ids) {
        if (Session *session = m_registry.find(id)) {
            if (session->isChat())
                m_room.sayBye(*session, u"The server was stopped."_s);
            session->close(u"The server was stopped."_s);
        }
    }
    stopWhenEmpty();
}

void Hub::handle(const QuitHub &)
{
    m_quitWhenStopped = true;
    if (m_state == State::Stopped)
        QThread::currentThread()->quit();
    else
        handle(StopHub{});
}

void Hub::handle(const SetPolicy &command)
{
    m_config.plainPolicy = command.policy;
    m_router.setPolicy(command.policy);
    m_replies.post(PolicyAnswer{command.request, command.policy});
}

void Hub::handle(const SendMessage &command)
{
    m_replies.post(SendAnswer{command.request, m_router.send(command.to, command.payload)});
}

void Hub::handle(const DisconnectClients &command)
{
    const Result<ClientRegistry::Meant> meant = m_registry.resolve(command.who);
    if (!meant) {
        m_replies.post(DisconnectAnswer{command.request, meant.error()});
        return;
    }
    const QString reason = u"Disconnected by the operator."_s;
    std::vector<ClientId> ids;
    for (Session *session : meant.value().sessions) {
        ids.push_back(session->id());
        if (session->isChat())
            m_room.kick(*session, chat::refusal::Kicked, reason);
        session->close(reason);
    }
    m_replies.post(DisconnectAnswer{command.request, std::move(ids)});
}

void Hub::handle(const ListClients &command)
{
    std::vector<ClientSnapshot> clients;
    for (const auto &[id, session] : m_registry.sessions()) {
        ClientSnapshot snapshot;
        snapshot.client = session->info();
        snapshot.client.format = session->format();
        snapshot.formatDetected = session->formatDetected();
        snapshot.counters = session->counters();
        if (const ChatMember *member = session->member(); member && member->account)
            snapshot.known = Accounts::snapshot(*member->account, snapshot.counters.waiting);
        clients.push_back(std::move(snapshot));
    }
    for (const auto &[id, account] : m_accounts.all()) {
        if (m_registry.find(id))
            continue;
        ClientSnapshot snapshot;
        snapshot.client.id = id;
        snapshot.counters.id = id;
        snapshot.known = Accounts::snapshot(account, m_accounts.waiting(id));
        snapshot.isConnected = false;
        clients.push_back(std::move(snapshot));
    }
    m_replies.post(ListAnswer{command.request, std::move(clients)});
}

void Hub::handle(const ReadHistory &command)
{
    m_desk.read(command.what, [this, request = command.request](const Result<HistoryMessages> &page) {
        m_replies.post(HistoryAnswer{request, page});
    });
}

void Hub::handle(const ReleaseName &command)
{
    if (m_state == State::Listening)
        m_replies.post(ReleaseAnswer{command.request, m_room.releaseName(command.name)});
    else
        m_replies.post(
            ReleaseAnswer{command.request, Error{Error::Code::Unreachable, u"The server does not run."_s}});
}

void Hub::handle(const SetPassword &command)
{
    const QString dataDir = m_state == State::Stopped ? command.dataDir : m_config.dataDir;
    m_room.door().gate().set(
        dataDir, command.password, [this, request = command.request](const std::optional<Error> &error) {
            const bool isNeeded = m_room.door().gate().isNeeded();
            m_replies.post(PasswordAnswer{request, error ? Result<bool>(*error) : Result<bool>(isNeeded)});
        });
}

void Hub::handle(const ReadMetrics &command)
{
    ServerMetrics metrics;
    metrics.totals = m_feed.totals;
    for (const auto &[id, session] : m_registry.sessions()) {
        metrics.queuedBytes += session->backlogBytes();
        metrics.chatClients += session->member() && session->member()->hasJoined() ? 1 : 0;
    }
    metrics.knownClients = m_accounts.all().size();

    metrics.loginFailures = m_room.door().failures();
    metrics.hashJobs = m_room.door().gate().hashJobs();
    if (m_history)
        metrics.history
            = m_isHistoryFailing ? ServerMetrics::History::Failing : ServerMetrics::History::Works;
    m_replies.post(MetricsAnswer{command.request, metrics});
}

void Hub::handle(const BatchTaken &)
{
    m_feed.taken();
    if (m_state == State::Listening)
        m_listener->resumeAccepting();
}

void Hub::accept(Descriptor socket)
{
    if (m_feed.isFlooded())
        m_listener->pauseAccepting();
    const QHostAddress address = socket.peer().address;
    if (const Ban *ban = m_bans.find(address, now())) {
        refuse(std::move(socket), ban->sentence());
        return;
    }
    if (const QString why = m_admission.whyNot(address); !why.isEmpty()) {
        refuse(std::move(socket), why);
        return;
    }
    const Result<ClientId> id = m_ids->next();
    if (!id) {
        refuse(std::move(socket), id.error().text);
        return;
    }
    SessionHost &host = *this;
    Session &session
        = m_registry.add(std::make_unique<Session>(id.value(), std::move(socket), m_threads, m_config, host));
    ++m_feed.totals.clients;
    m_feed.add(session.info());
    session.isUnauthenticated = m_config.chatOnly || m_config.tls.mode == TlsMode::Required;
    if (const auto leaves = m_admission.add(session.id(), address, session.isUnauthenticated))
        makeRoom(*leaves);
    session.begin();
}

void Hub::makeRoom(ClientId id)
{
    Session *silent = m_registry.find(id);
    if (!silent)
        return;
    silent->isUnauthenticated = false;
    silent->refuse(u"It made room for another: too many clients have not said yet who they are."_s);
}

void Hub::refuse(Descriptor socket, const QString &reason)
{
    const Descriptor::Peer peer = socket.peer();
    tellRefused({}, peer.address.toString(), peer.port, reason);
    m_threads.lingeringClose().add(std::move(socket));
}

void Hub::tellRefused(std::optional<ClientId> id, const QString &address, quint16 port, const QString &reason)
{
    ++m_feed.totals.refused;
    m_feed.add(PeerRefused{now(), id, address, port, reason});
}

void Hub::stopWhenEmpty()
{
    if (m_state != State::Stopping || m_registry.size() > 0)
        return;
    m_state = State::Stopped;
    m_tick.stop();
    m_room.shut();
    m_desk.shut();
    m_dispatcher.shut();
    m_history.reset(); // what is on its way to the disk gets there first
    m_listener.reset();
    m_ids.reset();
    m_replies.post(HubStopped{});
    m_feed.add(ServerStopped{});
    if (m_quitWhenStopped)
        QThread::currentThread()->quit();
}

void Hub::formatKnown(Session &session, bool detected, const QString &remark)
{
    m_feed.touch(session);
    // Where only chat is served, its Hello is waited for.
    if (session.isUnauthenticated && !session.isChat())
        authenticated(session);
    if (m_config.format.isAuto() || session.isChat())
        m_feed.add(ClientFormatKnown{session.id(), session.format(), detected, now(), session.isChat()});
    if (!remark.isEmpty())
        m_feed.add(ServerNote{now(), session.id(), remark});
}

void Hub::undecided(Session &session)
{
    m_undecided.push_back(session.id());
    m_lookAgain.start();
}

void Hub::tlsWanted(Session &session)
{
    // From here on the handshakes' own limits hold.
    if (session.isUnauthenticated && !m_config.chatOnly)
        authenticated(session);
    if (!m_handshakeTick.isActive())
        m_handshakeTick.start();
    m_handshakes.add(session.id(), session.info().address, session.firstByteTime(), Handshakes::Clock::now());
}

void Hub::secured(Session &session)
{
    m_handshakes.remove(session.id(), Handshakes::Clock::now());
    m_feed.add(ClientSecured{session.id(), session.info().tls, now()});
}

void Hub::lookAgain()
{
    m_lookAgain.stop();
    for (const ClientId id : std::exchange(m_undecided, {})) {
        if (Session *session = m_registry.find(id))
            session->lookAgain();
    }
}

void Hub::tick()
{
    const auto steadyNow = std::chrono::steady_clock::now();
    for (const auto &[id, session] : m_registry.sessions()) {
        session->checkDeadlines(steadyNow);
        if (session->backlogBytes() > 0)
            m_feed.touch(*session);
    }
    for (const ClientId id : m_admission.takeSurplus(steadyNow))
        makeRoom(id);
    for (const Ban &ban : m_bans.removeOver(now()))
        m_feed.add(BanChanged{ban, true, now()});
    m_queues.tick();
    m_room.tick();
}

void Hub::authenticated(Session &session)
{
    session.isUnauthenticated = false;
    m_admission.authenticated(session.id());
}

void Hub::frameReceived(Session &session, Payload &payload)
{
    if (session.isUnauthenticated)
        authenticated(session);
    if (session.isChat())
        m_room.frameReceived(session, payload);
    else
        m_router.frameReceived(session, payload);
}

void Hub::chunkEnded(Session &session)
{
    if (!session.isChat())
        m_router.chunkEnded(session);
}

void Hub::readTurnEnded(Session &session)
{
    if (session.isChat()) {
        m_room.readTurnEnded();
        m_feed.touch(session);
    } else {
        m_router.readTurnEnded(session);
    }
    m_rates.readTurnEnded(session);
}

void Hub::drained(Session &session)
{
    m_queues.changed(session);
    m_router.drained(session);
    if (session.isChat())
        m_room.drained(session);
}

void Hub::backlogChanged(Session &session)
{
    m_queues.changed(session);
}

void Hub::tooSlow(Session &session)
{
    m_queues.tooSlow(session);
}

void Hub::ended(Session &session, const QString &reason, bool refusal)
{
    if (refusal)
        tellRefused(session.id(), session.info().address, session.info().port, reason);
    m_handshakes.remove(session.id(), Handshakes::Clock::now());
    m_admission.remove(session.id(), session.address());
    m_queues.forget(session);
    --m_feed.totals.clients;
    m_feed.add(ClientDisconnected{session.id(), now(), reason});
    if (session.isChat())
        m_room.left(session);
    // It may be the caller, or stand in a loop over all sessions: it stays in the registry until both are
    // through.
    if (m_ended.empty())
        QMetaObject::invokeMethod(this, &Hub::sweep, Qt::QueuedConnection);
    m_ended.push_back(&session);
}

void Hub::sweep()
{
    for (Session *session : std::exchange(m_ended, {})) {
        m_router.forget(*session);
        m_rates.forget(*session);
        m_registry.remove(*session);
    }
    stopWhenEmpty();
}

} // namespace wireroom
