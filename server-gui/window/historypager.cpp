// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/historypager.h"

#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogview.h"
#include "server-gui/core/chatserver.h"
#include "server-gui/window/serverlog.h"

#include <QScopedValueRollback>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kPageMessages = 100;

/// Where a page has nothing that the filter shows, so many are looked through before somebody has to ask for
/// more.
constexpr int kMostEmptyPages = 50;

/// More clients than this are not asked for by their IDs.
constexpr quint64 kMostConcerned = 1000;

/// The clients of a filter, where the history can be asked for them; nothing: it is asked for all.
chat::Addressees concerned(const std::optional<Recipients> &filter)
{
    if (!filter || filter->isEveryone())
        return {};
    std::vector<ClientId> ids;
    for (const Recipients::Range &range : filter->ranges()) {
        if (range.last - range.first >= kMostConcerned - ids.size())
            return {};
        for (quint64 id = range.first; id <= range.last; ++id)
            ids.emplace_back(id);
    }
    return ids;
}

QString placeOf(const ServerConfig &config)
{
    if (config.history == ServerConfig::kNoHistory || (config.history.isEmpty() && config.dataDir.isEmpty()))
        return {};
    return config.history.isEmpty() ? config.dataDir : config.history;
}

} // namespace

HistoryPager::HistoryPager(ChatServer *server, MessageLogView *view, const NameBook &names, QObject *parent)
    : QObject(parent), m_server(server), m_view(view), m_log(view->model()), m_names(names)
{
    connect(m_view, &MessageLogView::olderRequested, this, &HistoryPager::ask);
    connect(m_log, &MessageLogModel::filterChanged, this, &HistoryPager::startOver);
    connect(m_log, &MessageLogModel::totalsChanged, this, &HistoryPager::noteDropped);
}

void HistoryPager::begin()
{
    const QString place = placeOf(m_server->config());
    m_isOpen = !place.isEmpty();
    const bool isElsewhere = m_isOpen && !m_place.isEmpty() && m_place != place;
    if (isElsewhere)
        m_log->clear();
    m_log->beginAnew();
    if (m_isOpen)
        m_place = place;
    m_log->setHistory(m_isOpen);
    startOver();
    if (m_isOpen && !m_log->isFiltered() && !m_log->oldestSeq())
        ask();
}

void HistoryPager::end()
{
    m_isOpen = false;
    ++m_round;
    m_isAsking = false;
    m_log->setHistory(false);
    show();
}

void HistoryPager::startOver()
{
    ++m_round;
    m_isAsking = false;
    m_hasMore = m_isOpen;
    m_before.reset();
    m_emptyPages = 0;
    if (m_isOpen && m_log->isFiltered())
        ask();
    show();
}

void HistoryPager::noteDropped()
{
    const quint64 dropped = m_log->totals().droppedRows;
    if (dropped == std::exchange(m_dropped, dropped) && m_log->storedRows() > 0)
        return;
    // They can be read again.
    m_before.reset();
    m_hasMore = m_isOpen;
    show();
}

void HistoryPager::ask()
{
    if (!m_isOpen || m_isAsking || !m_hasMore || !m_log->hasRoom())
        return;
    m_isAsking = true;
    HistoryRequest request;
    request.limit = kPageMessages;
    request.before = m_before ? m_before : m_log->oldestSeq();
    request.text = m_log->textFilter();
    request.concerning = concerned(m_log->clientFilter());
    m_server->readHistory(request,
                          [pager = QPointer(this), round = m_round](const Result<HistoryMessages> &page) {
                              if (pager && pager->m_round == round)
                                  pager->take(page);
                          });
    show();
}

void HistoryPager::take(const Result<HistoryMessages> &page)
{
    m_isAsking = false;
    if (page) {
        takePage(page.value());
    } else if (page.error().code == Error::Code::Unsupported) {
        m_isOpen = false;
    } else if (m_isOpen) {
        m_view->showError(u"The history cannot be read: %1"_s.arg(page.error().text));
    }
    show();
}

void HistoryPager::takePage(const HistoryMessages &page)
{
    m_hasMore = page.more;
    if (page.messages.empty())
        return;
    m_before = page.messages.front().seq;
    std::vector<LogEntry> rows;
    rows.reserve(page.messages.size());
    for (const HistoryMessage &message : page.messages) {
        LogEntry row = logEntry(message, m_names);
        if (!m_log->clientFilter() || row.concerns(*m_log->clientFilter()))
            rows.push_back(std::move(row));
    }
    for (const HistoryMessages::Reach &reach : page.reach) {
        const auto row = std::find_if(rows.begin(), rows.end(),
                                      [&](const LogEntry &entry) { return entry.seq == reach.seq; });
        if (row != rows.end())
            row->reach = logReach(reach);
    }
    const qsizetype before = m_log->storedRows();
    m_log->prepend(std::move(rows),
                   m_log->isFiltered() ? MessageLogModel::Older::Found : MessageLogModel::Older::Continuing);
    if (m_log->storedRows() != before) {
        m_emptyPages = 0;
    } else if (++m_emptyPages < kMostEmptyPages) {
        ask();
    } else {
        m_emptyPages = 0;
    }
}

void HistoryPager::show()
{
    using State = OlderBar::State;
    if (!m_isOpen)
        m_view->setOlder({});
    else if (m_isAsking)
        m_view->setOlder(State::Loading);
    else if (!m_hasMore)
        m_view->setOlder(State::Nothing);
    else
        m_view->setOlder(m_log->hasRoom() ? State::More : State::Full);
}

} // namespace wireroom
