// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/sidebarmodel.h"

#include <algorithm>
#include <set>
#include <tuple>

using namespace Qt::StringLiterals;

namespace wireroom {

SidebarModel::SidebarModel(ChatController *controller, QObject *parent)
    : QAbstractListModel(parent), m_controller(controller)
{
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(kRefreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &SidebarModel::refresh);
    const auto later = [this] {
        if (!m_refresh.isActive())
            m_refresh.start();
    };
    connect(controller, &ChatController::threadsChanged, this, later);
    connect(&controller->roster(), &Roster::changed, this, later);
    m_rows = rows();
}

int SidebarModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

QVariant SidebarModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Row &row = m_rows[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return row.title;
    case DetailRole:
        return row.detail;
    case PresenceRole:
        return row.presence;
    case PersonRole:
        return row.conversation.isPerson() ? row.conversation.with.front().value() : 0;
    case UnreadRole:
        return row.unread;
    case MomentRole:
        return row.moment;
    case Qt::ToolTipRole:
        return QString(u"<span>%1<br>%2</span>"_s.arg(
            row.title.toHtmlEscaped(), m_controller->roster().subtitle(row.conversation).toHtmlEscaped()));
    case Qt::AccessibleTextRole: {
        const QString unread = row.unread > 0 ? u", %1 unread"_s.arg(row.unread) : QString();
        return QString(row.title % u", "_s % m_controller->roster().subtitle(row.conversation) % unread);
    }
    default:
        return {};
    }
}

int SidebarModel::rowOf(const Conversation &conversation) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(),
                                    [&](const Row &row) { return row.conversation == conversation; });
    return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

void SidebarModel::setFilter(const QString &text)
{
    m_filter = text.trimmed();
    refresh();
}

SidebarModel::Row SidebarModel::row(const Conversation &conversation) const
{
    const Roster &roster = m_controller->roster();
    Row row;
    row.conversation = conversation;
    row.title = roster.title(conversation);
    row.detail = m_controller->preview(conversation);
    if (row.detail.isEmpty())
        row.detail = roster.subtitle(conversation);
    if (const qint64 time = m_controller->newestTime(conversation); time > 0)
        row.moment = shortMomentText(time);
    if (conversation.isPerson()) {
        const ClientId id = conversation.with.front();
        const chat::Presence *presence = roster.find(id);
        row.presence = int(presence              ? presence->state
                               : id.isOperator() ? chat::PresenceState::Online
                                                 : chat::PresenceState::Offline);
    }
    const auto thread = m_controller->threads().find(conversation);
    row.unread = thread == m_controller->threads().end() ? 0 : thread->second->unread;
    return row;
}

std::vector<SidebarModel::Row> SidebarModel::rows() const
{
    const Roster &roster = m_controller->roster();
    std::vector<Conversation> order{{}};
    std::set<Conversation> listed(order.begin(), order.end());
    const auto add = [&](const Conversation &conversation) {
        if (listed.insert(conversation).second)
            order.push_back(conversation);
    };
    std::vector<std::pair<quint64, Conversation>> spoken;
    for (const auto &[conversation, thread] : m_controller->threads()) {
        const bool hasMessages = m_controller->newestSeq(conversation) > 0 || thread->rowCount() > 0;
        if (hasMessages || !conversation.isPerson())
            spoken.emplace_back(m_controller->newestSeq(conversation), conversation);
    }
    std::sort(spoken.begin(), spoken.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
    for (const auto &[seq, conversation] : spoken)
        add(conversation);

    // Who is here comes first, in the order of the names.
    std::vector<std::tuple<bool, QString, ClientId>> people;
    for (const auto &[id, presence] : roster.entries()) {
        if (id != roster.me())
            people.emplace_back(presence.state == chat::PresenceState::Offline, presence.name.toLower(), id);
    }
    std::sort(people.begin(), people.end());
    for (const auto &[isAway, name, id] : people)
        add({{id}});
    if (!roster.entries().empty())
        add({{kOperator}});

    std::vector<Row> rows;
    for (const Conversation &conversation : order) {
        Row made = row(conversation);
        const bool matches = m_filter.isEmpty() || made.title.contains(m_filter, Qt::CaseInsensitive)
            || (conversation.isPerson() && conversation.with.front().toString() == m_filter);
        if (matches)
            rows.push_back(std::move(made));
    }
    return rows;
}

void SidebarModel::refresh()
{
    m_refresh.stop();
    std::vector<Row> now = rows();
    const bool sameOrder
        = std::equal(now.begin(), now.end(), m_rows.begin(), m_rows.end(),
                     [](const Row &a, const Row &b) { return a.conversation == b.conversation; });
    if (sameOrder) {
        for (size_t i = 0; i < now.size(); ++i) {
            if (now[i] == m_rows[i])
                continue;
            m_rows[i] = std::move(now[i]);
            Q_EMIT dataChanged(index(int(i)), index(int(i)));
        }
        return;
    }
    // The rows move: what is selected moves with its conversation.
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList old = persistentIndexList();
    std::vector<Conversation> meant;
    for (const QModelIndex &index : old)
        meant.push_back(m_rows[size_t(index.row())].conversation);
    m_rows = std::move(now);
    QModelIndexList moved;
    for (const Conversation &conversation : meant) {
        const int row = rowOf(conversation);
        moved << (row < 0 ? QModelIndex() : index(row));
    }
    changePersistentIndexList(old, moved);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

} // namespace wireroom
