// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/threadmodel.h"

#include "common/base/payloadtext.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

QStringList names(const std::vector<ClientId> &ids, const Roster &roster)
{
    QStringList list;
    for (const ClientId id : ids)
        list << roster.name(id);
    return list;
}

} // namespace

QString stateText(const ChatMessage &message, const Roster &roster)
{
    using State = ChatMessage::State;
    if (!message.isOwn)
        return {};
    QString nobody;
    if (!message.unknown.empty() && message.state != State::Failed)
        nobody = u". Nobody has the ID %1"_s.arg(
            names(message.unknown, roster).join(u", "_s).remove(u"Client "_s));
    switch (message.state) {
    case State::Waiting:
        return u"Waiting to be sent"_s;
    case State::Failed:
        return u"Not sent. %1"_s.arg(message.why);
    case State::Stored:
    case State::Delivered:
        break;
    }
    const quint64 delivered = message.delivered();
    if (delivered == 0 && message.recipients == 0)
        return u"Stored at the server"_s % nobody;
    QString text = message.recipients == 0 ? u"Delivered to %1"_s.arg(delivered)
        : delivered == 0
        ? u"Stored, delivered to none of %1 yet"_s.arg(message.recipients)
        : u"Delivered to %1 of %2"_s.arg(delivered).arg(std::max(message.recipients, delivered));
    if (!message.deliveredTo.empty() && message.deliveredTo.size() <= 10)
        text += u": %1"_s.arg(names(message.deliveredTo, roster).join(u", "_s));
    return text % nobody;
}

ThreadModel::ThreadModel(const Conversation &conversation, const Roster &roster, QObject *parent)
    : QAbstractListModel(parent), m_conversation(conversation), m_roster(roster)
{
}

int ThreadModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_messages.size());
}

QVariant ThreadModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const ChatMessage &message = m_messages[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(message);
    case Qt::AccessibleTextRole: {
        const QString state = stateText(message, m_roster);
        return QString(u"%1, %2: %3"_s.arg(message.isOwn ? u"You"_s : m_roster.name(message.from),
                                           momentText(message.time), text(message))
                       % (state.isEmpty() ? QString() : u" — %1"_s.arg(state)));
    }
    case Qt::ToolTipRole: {
        const QString when
            = QLocale().toString(QDateTime::fromMSecsSinceEpoch(message.time), QLocale::LongFormat);
        const QString who = u"%1 (ID %2)"_s.arg(m_roster.name(message.from), message.from.toString());
        const QString state = stateText(message, m_roster);
        // Rich text would take what others wrote for its own.
        return QString(u"<span>%1<br>%2%3</span>"_s.arg(
            when.toHtmlEscaped(), who.toHtmlEscaped(),
            state.isEmpty() ? QString() : QString(u"<br>"_s % state.toHtmlEscaped())));
    }
    case SeqRole:
        return QVariant::fromValue(message.seq);
    case BodyRole:
        return message.body;
    case StateTextRole:
        return stateText(message, m_roster);
    default:
        return {};
    }
}

QString ThreadModel::text(const ChatMessage &message) const
{
    if (message.kind == chat::BodyKind::Text)
        return payloadText(message.body);
    return u"%1 bytes: %2"_s.arg(message.body.size()).arg(payloadLine(message.body, false, 120));
}

size_t ThreadModel::storedCount() const
{
    const auto firstWaiting = std::partition_point(m_messages.begin(), m_messages.end(),
                                                   [](const ChatMessage &m) { return m.seq > 0; });
    return size_t(firstWaiting - m_messages.begin());
}

/// Where a message of that number is, or belongs.
size_t ThreadModel::placeOf(quint64 seq) const
{
    const auto end = m_messages.begin() + qptrdiff(storedCount());
    const auto at
        = std::partition_point(m_messages.begin(), end, [&](const ChatMessage &m) { return m.seq < seq; });
    return size_t(at - m_messages.begin());
}

void ThreadModel::merge(std::vector<ChatMessage> &&messages, End end)
{
    for (size_t next = 0; next < messages.size();) {
        const quint64 seq = messages[next].seq;
        const size_t place = placeOf(seq);
        const bool isThere = place < m_messages.size() && m_messages[place].seq == seq;
        if (isThere) {
            ++next;
            continue;
        }
        // As many as go to the same place at once.
        const quint64 barrier
            = place < storedCount() ? m_messages[place].seq : std::numeric_limits<quint64>::max();
        size_t last = next + 1;
        while (last < messages.size() && messages[last].seq < barrier
               && messages[last].seq > messages[last - 1].seq)
            ++last;
        beginInsertRows({}, int(place), int(place + (last - next) - 1));
        m_messages.insert(m_messages.begin() + qptrdiff(place),
                          std::make_move_iterator(messages.begin() + qptrdiff(next)),
                          std::make_move_iterator(messages.begin() + qptrdiff(last)));
        endInsertRows();
        // Whoever stood there may have another one before it now: its head changes.
        touch(place + (last - next));
        touchBefore(place);
        next = last;
    }
    trim(end);
}

void ThreadModel::trim(End end)
{
    const size_t stored = storedCount();
    const auto most = size_t(m_isOpen ? kMostMessages : kMostClosed);
    if (stored <= most)
        return;
    const size_t excess = stored - most;
    const size_t first = end == End::Newest ? 0 : stored - excess;
    beginRemoveRows({}, int(first), int(first + excess - 1));
    m_messages.erase(m_messages.begin() + qptrdiff(first), m_messages.begin() + qptrdiff(first + excess));
    endRemoveRows();
    touch(first);
    touchBefore(first);
    (end == End::Newest ? hasOlder : hasNewer) = true;
}

void ThreadModel::touch(size_t row)
{
    if (row >= m_messages.size())
        return;
    m_messages[row].shownSize = {};
    const QModelIndex changed = index(int(row));
    Q_EMIT dataChanged(changed, changed);
}

/// The last row of all leaves room below it.
void ThreadModel::touchBefore(size_t row)
{
    if (row > 0)
        touch(row - 1);
}

void ThreadModel::update(const ChatMessageState &state, ClientId me)
{
    const auto found = std::find_if(m_messages.rbegin(), m_messages.rend(),
                                    [&](const ChatMessage &m) { return m.ref == state.ref && m.isOwn; });
    ChatMessage message;
    if (found != m_messages.rend())
        message = *found;
    message.ref = state.ref;
    message.seq = state.seq;
    message.time = state.time;
    message.from = me;
    message.to = state.to;
    message.kind = state.kind;
    message.body = state.body;
    message.isOwn = true;
    message.state = state.state;
    message.unknown = state.unknown;
    message.recipients = state.recipients;
    message.deliveredBefore = state.delivered;
    message.why = state.why;
    message.shownSize = {};

    if (found == m_messages.rend()) {
        if (state.seq > 0) {
            // A page may have brought it already.
            if (const int row = rowOf(state.seq); row >= 0) {
                m_messages[size_t(row)] = std::move(message);
                touch(size_t(row));
                return;
            }
            if (hasNewer)
                return;
        }
        const size_t place = state.seq > 0 ? placeOf(state.seq) : m_messages.size();
        beginInsertRows({}, int(place), int(place));
        m_messages.insert(m_messages.begin() + qptrdiff(place), std::move(message));
        endInsertRows();
        touch(place + 1);
        touchBefore(place);
        return;
    }
    const size_t row = size_t(m_messages.rend() - found) - 1;
    const bool becomesStored = found->seq == 0 && state.seq > 0;
    if (!becomesStored) {
        m_messages[row] = std::move(message);
        touch(row);
        return;
    }
    const size_t place = placeOf(state.seq);
    if (place < row && m_messages[place].seq == state.seq) {
        // Both came: the page's goes.
        m_messages[place] = std::move(message);
        touch(place);
        beginRemoveRows({}, int(row), int(row));
        m_messages.erase(m_messages.begin() + qptrdiff(row));
        endRemoveRows();
        return;
    }
    if (place == row) {
        m_messages[row] = std::move(message);
        touch(row);
        return;
    }
    beginMoveRows({}, int(row), int(row), {}, int(place));
    m_messages.erase(m_messages.begin() + qptrdiff(row));
    m_messages.insert(m_messages.begin() + qptrdiff(place), std::move(message));
    endMoveRows();
    touch(place);
    touch(place + 1);
    touchBefore(place);
    touch(row + 1);
    touchBefore(m_messages.size());
}

void ThreadModel::addReceipt(quint64 seq, ClientId who)
{
    const int row = rowOf(seq);
    if (row < 0)
        return;
    ChatMessage &message = m_messages[size_t(row)];
    if (!message.isOwn
        || std::find(message.deliveredTo.begin(), message.deliveredTo.end(), who)
            != message.deliveredTo.end())
        return;
    message.deliveredTo.push_back(who);
    touch(size_t(row));
}

void ThreadModel::setOpen(bool open)
{
    m_isOpen = open;
    if (!open)
        trim(End::Newest);
}

void ThreadModel::clearStored()
{
    const size_t stored = storedCount();
    if (stored == 0)
        return;
    beginRemoveRows({}, 0, int(stored) - 1);
    m_messages.erase(m_messages.begin(), m_messages.begin() + qptrdiff(stored));
    endRemoveRows();
}

quint64 ThreadModel::newestSeq() const
{
    const size_t stored = storedCount();
    return stored == 0 ? 0 : m_messages[stored - 1].seq;
}

quint64 ThreadModel::oldestSeq() const
{
    return m_messages.empty() ? 0 : m_messages.front().seq;
}

int ThreadModel::rowOf(quint64 seq) const
{
    const size_t place = placeOf(seq);
    return place < m_messages.size() && m_messages[place].seq == seq ? int(place) : -1;
}

} // namespace wireroom
