// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historywriter.h"

#include "server-gui/core/historyschema.h"

#include <QDir>
#include <QThread>
#include <QVariant>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

/// How often what clients have acknowledged is written.
constexpr auto kProgress = 1'000ms;

/// After so long without a message it is quiet.
constexpr auto kQuiet = 50ms;

/// How long maintenance waits for the next pause.
constexpr auto kWait = 5ms;

/// How often it is looked for messages that have become too old, and maintenance tried again that failed.
constexpr auto kSlowly = 30s;

} // namespace

struct HistoryWriter::Prepared
{
    Prepared(HistoryDatabase &database, const HistoryConfig &config)
        : group(database), maintenance(database, config)
    {
    }

    HistoryGroup group;
    HistoryMaintenance maintenance;
};

HistoryWriter::HistoryWriter(const HistoryConfig &config, Opened opened, Reply reply)
    : m_config(config), m_opened(std::move(opened)), m_reply(std::move(reply)),
      m_inbox([this](std::vector<Command> &&commands) { take(std::move(commands)); })
{
    for (QTimer *timer : {&m_turn, &m_retry, &m_progressDue, &m_maintenance})
        timer->setSingleShot(true);
    QObject::connect(&m_turn, &QTimer::timeout, &m_turn, [this] { turn(); });
    QObject::connect(&m_retry, &QTimer::timeout, &m_retry, [this] { retry(); });
    QObject::connect(&m_progressDue, &QTimer::timeout, &m_progressDue, [this] { turn(); });
    QObject::connect(&m_maintenance, &QTimer::timeout, &m_maintenance, [this] { maintain(); });
    // Whoever waits for the thread to start must not wait for the disk.
    m_turn.start(0);
}

HistoryWriter::~HistoryWriter()
{
    closeDatabase();
}

void HistoryWriter::take(std::vector<Command> &&commands)
{
    for (Command &command : commands)
        std::visit([this](auto &part) { accept(std::move(part)); }, command);
    if (m_stopAsked || (m_state == State::Working && !m_turn.isActive()))
        turn();
}

void HistoryWriter::accept(HistoryMessage &&message)
{
    if (m_state != State::Ended)
        m_queue.emplace_back(std::move(message));
}

void HistoryWriter::accept(Account &&account)
{
    m_progress.remove(account.id);
    if (m_state == State::Ended)
        return;
    ++m_accountsWaiting[account.id];
    m_queue.emplace_back(std::move(account));
}

void HistoryWriter::accept(const HistoryProgress &progress)
{
    m_progress[progress.id] = progress;
    if (!m_progressDue.isActive())
        m_progressDue.start(kProgress);
}

void HistoryWriter::open()
{
    HistoryOpened opened;
    if (auto error = openDatabase(opened)) {
        m_state = State::Ended;
        m_queue.clear();
        closeDatabase();
        m_reply(HistoryNotOpened{*error});
        m_opened(*error);
        return;
    }
    m_state = State::Working;
    m_sinceProgress.start();
    m_sinceGroup.start();
    m_newest = static_cast<qint64>(opened.lastSeq);
    // In this order: the reader answers from then on.
    m_reply(std::move(opened));
    m_opened(Result<bool>(m_uncleanEnd));
    m_maintenance.start(kQuiet);
}

std::optional<Error> HistoryWriter::openDatabase(HistoryOpened &opened)
{
    auto location = HistoryLocation::fromUrl(m_config.url);
    if (!location)
        return location.error();
    m_database
        = std::make_unique<HistoryDatabase>(std::move(location).value(), HistoryDatabase::Access::Write);
    if (auto error = m_database->open())
        return error;
    const auto migrated = migrateHistory(*m_database, historySchemaFolder(*m_database));
    if (!migrated)
        return migrated.error();
    const HistoryMigration &migration = migrated.value();
    if (migration.from > 0 && migration.from != migration.to) {
        opened.note
            = u"The history was brought from schema %1 to %2."_s.arg(migration.from).arg(migration.to);
        if (!migration.backup.isEmpty())
            opened.note += u" As it was before: %1"_s.arg(QDir::toNativeSeparators(migration.backup));
    }
    if (!prepare() || !readState(opened) || !readAccounts(opened))
        return Error{Error::Code::Internal, u"The history cannot be read: %1"_s.arg(m_database->explain())};
    if (m_uncleanEnd && opened.note.isEmpty())
        opened.note = u"The server did not end in an orderly way last time. What was stored is there."_s;
    return {};
}

bool HistoryWriter::prepare()
{
    m_prepared = std::make_unique<Prepared>(*m_database, m_config);
    return m_prepared->group.prepare() && m_prepared->maintenance.prepare();
}

bool HistoryWriter::readState(HistoryOpened &opened)
{
    const HistoryMarks &marks = m_prepared->maintenance.marks();
    const auto newest = m_database->number(u"SELECT max(seq) FROM messages"_s);
    const auto deleted = m_database->meta("high_water"_L1);
    const auto account = m_database->number(u"SELECT max(id) FROM clients"_s);
    const auto sender
        = m_database->number(u"SELECT max(sender) FROM messages WHERE seq > %1"_s.arg(marks.indexed));
    const auto inUse = m_database->meta("in_use"_L1);
    if (!newest || !deleted || !account || !sender || !inUse || !m_database->setMeta("in_use"_L1, 1))
        return false;
    m_uncleanEnd = *inUse != 0;
    opened.lastSeq = static_cast<quint64>(std::max(*newest, *deleted));
    opened.highestId = static_cast<quint64>(std::max({*account, *sender, marks.highestId}));
    return true;
}

bool HistoryWriter::readAccounts(HistoryOpened &opened)
{
    auto rows = m_database->select(
        u"SELECT id, name, token_hash, created, last_seen, joined_seq, acked_seq, last_ref, (SELECT max(ref) "
        "FROM messages WHERE sender = clients.id AND ref IS NOT NULL), password_epoch FROM clients ORDER BY id"_s);
    if (!rows)
        return false;
    while (rows->next()) {
        Account account;
        account.id = ClientId(rows->value(0).toULongLong());
        account.name = rows->value(1).toString();
        account.tokenHash = rows->value(2).toByteArray();
        account.created = rows->value(3).toLongLong();
        account.lastSeen = rows->value(4).toLongLong();
        account.joinedSeq = rows->value(5).toULongLong();
        account.ackedSeq = rows->value(6).toULongLong();
        account.lastRef = std::max(rows->value(7).toULongLong(), rows->value(8).toULongLong());
        account.passwordEpoch = rows->value(9).toULongLong();
        opened.accounts.push_back(std::move(account));
    }
    return true;
}

void HistoryWriter::closeDatabase()
{
    m_prepared.reset();
    if (m_database)
        m_database->close();
}

void HistoryWriter::stop()
{
    if (m_state == State::Failing)
        retry();
    while (m_state == State::Working && (!m_queue.empty() || !m_progress.empty())) {
        if (!writeGroup())
            fail();
    }
    if (m_state == State::Working)
        m_database->setMeta("in_use"_L1, 0);
    m_state = State::Ended;
    for (QTimer *timer : {&m_turn, &m_retry, &m_progressDue, &m_maintenance})
        timer->stop();
    closeDatabase();
    QThread::currentThread()->quit();
}

bool HistoryWriter::isProgressDue() const
{
    return !m_progress.empty() && (m_stopAsked || m_sinceProgress.hasExpired(kProgress.count()));
}

std::vector<HistoryProgress> HistoryWriter::dueProgress() const
{
    std::vector<HistoryProgress> due;
    if (!isProgressDue())
        return due;
    for (const HistoryProgress &progress : m_progress) {
        if (!m_accountsWaiting.contains(progress.id))
            due.push_back(progress);
    }
    return due;
}

void HistoryWriter::forgetAccount(ClientId id)
{
    const auto waiting = m_accountsWaiting.find(id);
    if (--*waiting == 0)
        m_accountsWaiting.erase(waiting);
}

void HistoryWriter::turn()
{
    if (m_state == State::Opening)
        open();
    if (m_stopAsked) {
        stop();
        return;
    }
    if (m_state != State::Working)
        return;
    if (!m_queue.empty() || isProgressDue()) {
        if (!writeGroup()) {
            fail();
            return;
        }
        m_sinceGroup.start();
    }
    if (!m_progress.empty() && !m_progressDue.isActive())
        m_progressDue.start(kProgress);
    if (!m_queue.empty())
        m_turn.start(0);
    if (m_prepared->maintenance.isBehind(m_newest)
        && (!m_maintenance.isActive() || m_maintenance.intervalAsDuration() > kQuiet))
        m_maintenance.start(kQuiet);
}

bool HistoryWriter::writeGroup()
{
    const std::vector<HistoryProgress> progress = dueProgress();
    size_t written = 0;
    HistoryCommitted committed;
    const size_t most = m_alone > 0 ? 1 : HistoryStore::kGroupMessages;
    if (!m_prepared->group.write(m_queue, most, progress, m_attempt, written, committed)) {
        m_database->rollback();
        if (!m_database->refusedValues())
            return false;
        recover();
        isolate();
        return true;
    }
    recover();
    m_queue.erase(m_queue.begin(), m_queue.begin() + static_cast<std::ptrdiff_t>(written));
    for (const HistoryProgress &one : progress)
        m_progress.remove(one.id);
    if (!progress.empty())
        m_sinceProgress.start();
    for (const ClientId account : committed.accounts)
        forgetAccount(account);
    if (m_alone > 0)
        --m_alone;
    if (m_alone == 0)
        m_attempt = HistoryGroup::Attempt::First;
    m_newest = std::max(m_newest, static_cast<qint64>(committed.upToSeq));
    if (committed.upToSeq > 0 || !committed.accounts.empty())
        m_reply(std::move(committed));
    return true;
}

// One of a group is something that the database will never take: it must not keep the others from it.
void HistoryWriter::isolate()
{
    if (m_attempt == HistoryGroup::Attempt::First) {
        m_attempt = HistoryGroup::Attempt::Again;
    } else if (m_alone == 0) {
        m_alone = std::min(m_queue.size(), HistoryStore::kGroupMessages);
    } else {
        HistoryCommitted committed;
        if (const auto *message = std::get_if<HistoryMessage>(&m_queue.front())) {
            committed.upToSeq = message->seq;
            committed.isRefused = true;
        } else {
            forgetAccount(std::get<Account>(m_queue.front()).id);
        }
        m_reply(HistoryNote{
            u"One entry cannot be kept in the history and was left out: %1"_s.arg(m_database->explain()),
            true});
        m_queue.pop_front();
        --m_alone;
        if (m_alone == 0)
            m_attempt = HistoryGroup::Attempt::First;
        if (committed.upToSeq > 0)
            m_reply(std::move(committed));
    }
}

void HistoryWriter::fail()
{
    if (m_state == State::Working) {
        m_state = State::Failing;
        m_reply(HistoryFailing{u"Messages cannot be stored: %1"_s.arg(m_database->explain())});
    }
    m_attempt = HistoryGroup::Attempt::Again;
    m_maintenance.stop();
    closeDatabase();
    m_retry.start(HistoryStore::kRetry);
}

void HistoryWriter::retry()
{
    if (m_database->open() || !prepare() || !writeGroup())
        fail();
    else
        m_turn.start(0);
}

void HistoryWriter::recover()
{
    if (m_state != State::Failing)
        return;
    m_state = State::Working;
    m_reply(HistoryRecovered{});
}

void HistoryWriter::maintain()
{
    using Traffic = HistoryMaintenance::Traffic;
    if (m_state != State::Working)
        return;
    HistoryMaintenance &maintenance = m_prepared->maintenance;
    if (!m_queue.empty() && !maintenance.isUrgent(m_newest)) {
        m_maintenance.start(kWait);
        return;
    }
    Traffic traffic = m_queue.empty() ? Traffic::Some : Traffic::Pressing;
    if (m_sinceGroup.hasExpired(kQuiet.count()))
        traffic = Traffic::Quiet;
    const auto step = maintenance.step(m_newest, traffic);
    switch (step.done) {
    case HistoryMaintenance::Done::Something:
        m_maintenance.start(step.rest);
        break;
    case HistoryMaintenance::Done::Nothing:
        if (m_config.maxAge.count() > 0)
            m_maintenance.start(kSlowly);
        break;
    case HistoryMaintenance::Done::Failed:
        if (!std::exchange(m_maintenanceFailed, true)) {
            m_reply(HistoryNote{
                u"The history's index cannot be brought up to date: %1"_s.arg(m_database->explain()), true});
        }
        m_maintenance.start(kSlowly);
        break;
    case HistoryMaintenance::Done::Broken:
        fail();
        break;
    }
}

} // namespace wireroom
