// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/searchmodel.h"

#include "client-gui/window/sidebarmodel.h"
#include "common/base/payloadtext.h"
#include "common/widgets/numbertext.h"

#include <QPointer>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr qsizetype kSnippetChars = 160;

/// How much of a message stands before what was found in it.
constexpr qsizetype kBefore = 30;

QString snippet(const QByteArray &body, const QString &text)
{
    const QString line = payloadLine(body, true, body.size());
    const qsizetype at = line.indexOf(text, 0, Qt::CaseInsensitive);
    const qsizetype begin = std::max<qsizetype>(0, at - kBefore);
    return (begin > 0 ? u"…"_s : QString()) + line.mid(begin, kSnippetChars);
}

} // namespace

SearchModel::SearchModel(ChatController *controller, QObject *parent)
    : QAbstractListModel(parent), m_controller(controller)
{
}

int SearchModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_found.size());
}

Conversation SearchModel::conversation(int row) const
{
    const ChatMessage &found = message(row);
    return Conversation::of(m_controller->roster().me(), found.from, found.to);
}

QVariant SearchModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const ChatMessage &found = message(index.row());
    const Roster &roster = m_controller->roster();
    switch (role) {
    case Qt::DisplayRole: {
        const QString from = found.isOwn ? u"You"_s : roster.name(found.from);
        const Conversation where = conversation(index.row());
        if (where.isPerson() && !found.isOwn)
            return from;
        return u"%1 → %2"_s.arg(from, roster.title(where));
    }
    case SidebarModel::DetailRole:
        return snippet(found.body, m_text);
    case SidebarModel::MomentRole:
        return momentText(found.time);
    case SidebarModel::PresenceRole:
        return -1;
    case SidebarModel::UnreadRole:
        return 0;
    case Qt::AccessibleTextRole:
        return QString(data(index, Qt::DisplayRole).toString() % u", "_s % momentText(found.time) % u": "_s
                       % payloadLine(found.body, true, kSnippetChars));
    default:
        return {};
    }
}

bool SearchModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && m_hasMore && !m_isAsking;
}

void SearchModel::fetchMore(const QModelIndex &)
{
    ask();
}

void SearchModel::search(const QString &text)
{
    ++m_search;
    m_text = text;
    m_hasMore = false;
    m_isAsking = false;
    beginResetModel();
    m_found.clear();
    endResetModel();
    if (text.isEmpty()) {
        setStatus({});
        return;
    }
    setStatus(u"Searching …"_s);
    ask();
}

void SearchModel::ask()
{
    m_isAsking = true;
    const std::optional<quint64> before = m_found.empty() ? std::nullopt : std::optional(m_found.back().seq);
    m_controller->search(m_text, before,
                         [self = QPointer(this), search = m_search](const Result<chat::HistoryPage> &page) {
                             if (self && search == self->m_search)
                                 self->take(page);
                         });
}

void SearchModel::take(const Result<chat::HistoryPage> &page)
{
    m_isAsking = false;
    if (!page) {
        setStatus(page.error().text);
        return;
    }
    m_hasMore = page.value().more;
    const std::vector<chat::Delivery> &deliveries = page.value().deliveries;
    if (!deliveries.empty()) {
        beginInsertRows({}, rowCount(), rowCount() + int(deliveries.size()) - 1);
        for (auto delivery = deliveries.rbegin(); delivery != deliveries.rend(); ++delivery)
            m_found.push_back(m_controller->fromDelivery(*delivery));
        endInsertRows();
    }
    setStatus(m_found.empty() ? u"No message contains “%1”."_s.arg(m_text)
                  : m_found.size() == 1 && !m_hasMore
                  ? u"1 message contains “%1”"_s.arg(m_text)
                  : u"%1%2 messages contain “%3”"_s.arg(m_hasMore ? u"More than "_s : QString(),
                                                        countText(m_found.size()), m_text));
}

void SearchModel::setStatus(const QString &text)
{
    m_status = text;
    Q_EMIT statusChanged();
}

} // namespace wireroom
