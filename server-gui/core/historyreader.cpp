// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyreader.h"

#include "server-gui/core/historyrow.h"
#include "server-gui/core/historyscope.h"
#include "server-gui/core/historysearch.h"
#include "server-gui/core/historywaiting.h"

#include <QFileInfo>
#include <QThread>
#include <QVariant>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

constexpr quint64 kMostMessages = 10'000;

/// After a crash the database is checked once nobody has asked for anything for so long.
constexpr auto kCheckAfter = 1s;

/// A larger file is not checked, because nobody can read meanwhile (about a second for 500 MB).
constexpr qint64 kLargestCheckedBytes = qint64(1) << 30;

QString joined(const std::vector<qint64> &seqs)
{
    QStringList texts;
    for (const qint64 seq : seqs)
        texts.append(QString::number(seq));
    return texts.join(u',');
}

} // namespace

HistoryReader::HistoryReader(const QString &url, Reply reply)
    : m_url(url), m_reply(std::move(reply)),
      m_inbox([this](std::vector<Command> &&commands) { take(std::move(commands)); })
{
    m_check.setSingleShot(true);
    m_check.setInterval(kCheckAfter);
    QObject::connect(&m_check, &QTimer::timeout, &m_check, [this] { check(); });
}

HistoryReader::~HistoryReader() = default;

void HistoryReader::take(std::vector<Command> &&commands)
{
    for (Command &command : commands) {
        if (!m_opened
            && (std::holds_alternative<HistoryRequest>(command)
                || std::holds_alternative<CountWaiting>(command)))
            m_waiting.push_back(std::move(command));
        else
            std::visit([this](const auto &part) { handle(part); }, command);
    }
}

void HistoryReader::handle(const Opened &opened)
{
    m_opened = opened.uncleanEnd;
    if (opened.uncleanEnd && opened.uncleanEnd.value())
        m_check.start();
    for (const Command &command : std::exchange(m_waiting, {}))
        std::visit([this](const auto &part) { handle(part); }, command);
}

void HistoryReader::handle(const HistoryRequest &request)
{
    m_reply(HistoryPageRead{read(request), request.request});
    if (m_check.isActive())
        m_check.start();
}

void HistoryReader::handle(const CountWaiting &count)
{
    HistoryWaiting waiting;
    if (!begin() && (!countWaiting(*m_database, count.ackedSeqs, waiting) || !m_database->commit()))
        failed();
    m_reply(std::move(waiting));
}

void HistoryReader::handle(Stop)
{
    m_check.stop();
    m_database.reset();
    QThread::currentThread()->quit();
}

std::optional<Error> HistoryReader::connect()
{
    if (!*m_opened)
        return m_opened->error();
    if (m_database && m_database->isOpen())
        return {};
    m_database = std::make_unique<HistoryDatabase>(HistoryLocation::fromUrl(m_url).value(),
                                                   HistoryDatabase::Access::Read);
    return m_database->open();
}

std::optional<Error> HistoryReader::begin()
{
    if (auto error = connect())
        return error;
    if (m_database->begin())
        return {};
    // A connection that was lost while nobody asked is made again before anybody hears of it.
    m_database->close();
    if (auto error = connect())
        return error;
    return m_database->begin() ? std::nullopt : std::optional(failed());
}

Error HistoryReader::failed()
{
    m_database->rollback();
    const Error error{Error::Code::Internal, u"The history cannot be read: %1"_s.arg(m_database->explain())};
    m_database->close();
    return error;
}

void HistoryReader::check()
{
    if (connect() || !m_database->isSqlite())
        return;
    if (QFileInfo(m_database->location().path).size() > kLargestCheckedBytes)
        return;
    auto result = m_database->select(u"PRAGMA quick_check(1)"_s);
    if (!result || !result->next()) {
        m_reply(HistoryNote{failed().text, true});
        return;
    }
    const QString fault = result->value(0).toString().simplified();
    if (fault == "ok"_L1) {
        m_reply(HistoryNote{u"The history was checked after the crash: it is whole."_s});
        return;
    }
    m_reply(
        HistoryNote{u"The history %1 is damaged (%2). Stop the server and put a backup in its place."_s.arg(
                        m_database->location().toString(), fault),
                    true});
}

Result<HistoryMessages> HistoryReader::read(const HistoryRequest &request)
{
    if (auto error = begin())
        return *error;
    HistoryMessages page;
    page.request = request.request;
    const auto limit = static_cast<qint64>(std::clamp(request.limit, quint64(1), kMostMessages));
    std::vector<qint64> seqs;
    if (!find(request, limit + 1, seqs))
        return failed();
    const auto newest = m_database->number(u"SELECT max(seq) FROM messages"_s);
    const auto deleted = m_database->meta("high_water"_L1);
    if (!newest || !deleted)
        return failed();
    page.upToSeq = static_cast<quint64>(std::max(*newest, *deleted));
    page.more = static_cast<qint64>(seqs.size()) > limit;
    if (page.more)
        seqs.pop_back();
    if (!load(request, std::move(seqs), page) || !m_database->commit())
        return failed();
    return page;
}

bool HistoryReader::find(const HistoryRequest &request, qint64 limit, std::vector<qint64> &seqs)
{
    const auto indexed = m_database->meta("indexed"_L1);
    const auto textIndexed = m_database->meta("text_indexed"_L1);
    if (!indexed || !textIndexed)
        return false;
    const HistoryScope scope(*m_database, request, *indexed);
    if (!request.text.isEmpty())
        return HistorySearch(*m_database, scope, request.text, *textIndexed).find(limit, seqs);
    auto rows = m_database->select(scope.seqs(limit));
    if (!rows)
        return false;
    while (rows->next())
        seqs.push_back(rows->value(0).toLongLong());
    return true;
}

bool HistoryReader::keepWithinBytes(quint64 limitBytes, std::vector<qint64> &seqs)
{
    auto rows
        = m_database->select(u"SELECT seq, length(body) FROM messages WHERE seq IN (%1)"_s.arg(joined(seqs)));
    if (!rows)
        return false;
    QHash<qint64, quint64> sizes;
    while (rows->next())
        sizes[rows->value(0).toLongLong()] = rows->value(1).toULongLong();
    quint64 bytes = 0;
    for (size_t kept = 0; kept < seqs.size(); ++kept) {
        bytes += sizes.value(seqs[kept]);
        if (bytes > limitBytes && kept > 0) {
            seqs.resize(kept);
            break;
        }
    }
    return true;
}

bool HistoryReader::load(const HistoryRequest &request, std::vector<qint64> seqs, HistoryMessages &page)
{
    if (seqs.empty())
        return true;
    const size_t found = seqs.size();
    if (!keepWithinBytes(request.limitBytes, seqs))
        return false;
    page.more = page.more || seqs.size() < found;
    auto rows
        = m_database->select(u"SELECT seq, time, sender, ref, recipients, kind, body FROM messages WHERE "
                             "seq IN (%1) ORDER BY seq"_s.arg(joined(seqs)));
    if (!rows)
        return false;
    page.messages.reserve(seqs.size());
    while (rows->next()) {
        HistoryMessage message;
        message.seq = rows->value(0).toULongLong();
        message.time = rows->value(1).toLongLong();
        message.from = ClientId(rows->value(2).toULongLong());
        message.ref = static_cast<quint64>(rows->value(3).toLongLong());
        message.to = recipientsFromColumn(rows->value(4).toString(), rows->isNull(4));
        message.kind = rows->value(5).toInt() == 0 ? chat::BodyKind::Text : chat::BodyKind::Bytes;
        message.body = rows->value(6).toByteArray();
        page.messages.push_back(std::move(message));
    }
    return true;
}

} // namespace wireroom
