// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/clienttablemodel.h"

#include "common/widgets/theme.h"

#include <QDateTime>
#include <QGuiApplication>
#include <QPalette>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kSortIntervalMs = 1000;

/// Up to so many separate runs of rows are removed one by one; a view's work for each is about that of moving
/// all rows once. Beyond it one change of layout gathers them at the end, where a single removal takes them.
constexpr size_t kMaxSingleRemovals = 64;

} // namespace

void ClientTableModel::Changes::touch(int row)
{
    if (row < 0)
        return;
    firstRow = std::min(firstRow, row);
    lastRow = std::max(lastRow, row);
}

ClientTableModel::ClientTableModel(QObject *parent)
    : QAbstractTableModel(parent), m_clock([] { return QDateTime::currentMSecsSinceEpoch(); })
{
    m_sortTimer.setSingleShot(true);
    connect(&m_sortTimer, &QTimer::timeout, this, &ClientTableModel::sortNow);
}

void ClientTableModel::setClock(Clock clock)
{
    m_clock = std::move(clock);
}

void ClientTableModel::take(const ServerBatch &batch)
{
    Changes changes;
    for (const ServerEvent &event : batch.events) {
        if (std::holds_alternative<ServerStopped>(event)) {
            clear();
            changes = {};
        } else {
            note(event, changes);
        }
    }
    for (const ClientCounters &counters : batch.counters)
        noteCounters(counters, changes);
    for (const WaitingCount &count : batch.waiting)
        noteWaiting(count, changes);
    apply(changes);
}

void ClientTableModel::clear()
{
    if (m_slotOf.isEmpty() && m_shown.empty())
        return;
    beginResetModel();
    m_clients.clear();
    m_freeSlots.clear();
    m_slotOf.clear();
    m_shown.clear();
    m_connected = 0;
    endResetModel();
    Q_EMIT countsChanged();
}

void ClientTableModel::note(const ServerEvent &event, Changes &changes)
{
    if (const auto *connected = std::get_if<ClientConnected>(&event)) {
        noteConnected(*connected, changes);
    } else if (const auto *format = std::get_if<ClientFormatKnown>(&event)) {
        noteFormat(*format, changes);
    } else if (const auto *secured = std::get_if<ClientSecured>(&event)) {
        noteSecured(*secured, changes);
    } else if (const auto *named = std::get_if<ClientNamed>(&event)) {
        noteNamed(*named, changes);
    } else if (const auto *disconnected = std::get_if<ClientDisconnected>(&event)) {
        noteGone(*disconnected, changes);
    } else if (const auto *presence = std::get_if<PresenceChanged>(&event)) {
        noteKnown(presence->client, changes);
    } else if (const auto *forgotten = std::get_if<ClientForgotten>(&event)) {
        noteForgotten(forgotten->id, changes);
    } else if (const auto *slow = std::get_if<ClientSlow>(&event)) {
        noteSlow(*slow, changes);
    } else if (const auto *known = std::get_if<ClientsKnown>(&event)) {
        for (const KnownClient &client : known->clients)
            noteKnown(client, changes);
    }
}

void ClientTableModel::noteConnected(const ClientConnected &event, Changes &changes)
{
    if (m_slotOf.contains(event.id))
        return;
    at(addSlot(event.id, changes)).connect(event, m_clock());
    ++m_connected;
}

void ClientTableModel::noteFormat(const ClientFormatKnown &event, Changes &changes)
{
    const auto found = m_slotOf.constFind(event.id);
    if (found == m_slotOf.cend() || !at(*found).connection.isThere)
        return;
    at(*found).take(event);
    changes.formats = true;
    noteChanged(*found, changes);
}

void ClientTableModel::noteSecured(const ClientSecured &event, Changes &changes)
{
    const auto found = m_slotOf.constFind(event.id);
    if (found == m_slotOf.cend() || !at(*found).connection.isThere)
        return;
    at(*found).take(event);
    noteChanged(*found, changes);
}

void ClientTableModel::noteNamed(const ClientNamed &event, Changes &changes)
{
    const Slot connected = m_slotOf.value(event.was, -1);
    if (connected < 0)
        return;
    Slot slot = connected;
    if (event.id != event.was) {
        slot = m_slotOf.value(event.id, -1);
        if (slot < 0) {
            slot = connected;
            at(slot).id = event.id;
            m_slotOf.remove(event.was);
            m_slotOf.insert(event.id, slot);
        } else {
            // The row of the known client stays where it is, selected or not, and gets the connection.
            at(slot).exchangeConnections(at(connected));
            if (at(connected).connection.isThere) {
                noteChanged(connected, changes);
            } else {
                m_slotOf.remove(event.was);
                changes.gone.push_back(connected);
            }
        }
    }
    at(slot).setName(event.name);
    changes.order = true;
    noteChanged(slot, changes);
}

void ClientTableModel::noteKnown(const KnownClient &client, Changes &changes)
{
    Slot slot = m_slotOf.value(client.id, -1);
    if (slot < 0 && client.state != chat::PresenceState::Offline)
        return;
    if (slot < 0)
        slot = addSlot(client.id, changes);
    at(slot).take(client);
    changes.order = true;
    noteChanged(slot, changes);
}

void ClientTableModel::noteGone(const ClientDisconnected &event, Changes &changes)
{
    const auto found = m_slotOf.constFind(event.id);
    if (found == m_slotOf.cend() || !at(*found).connection.isThere)
        return;
    const Slot slot = *found;
    --m_connected;
    if (at(slot).isKnown) {
        at(slot).disconnect(event.time.isValid() ? event.time.toMSecsSinceEpoch() : m_clock());
        changes.order = true;
        noteChanged(slot, changes);
        changes.candidates.push_back(slot);
    } else {
        changes.gone.push_back(slot);
        m_slotOf.erase(found);
    }
}

void ClientTableModel::noteForgotten(ClientId id, Changes &changes)
{
    const auto found = m_slotOf.constFind(id);
    if (found == m_slotOf.cend() || at(*found).connection.isThere)
        return;
    changes.gone.push_back(*found);
    m_slotOf.erase(found);
}

void ClientTableModel::noteSlow(const ClientSlow &event, Changes &changes)
{
    const auto found = m_slotOf.constFind(event.id);
    if (found == m_slotOf.cend() || !at(*found).connection.isThere)
        return;
    at(*found).connection.isSlow = event.isSlow;
    at(*found).connection.queuedBytes = event.queuedBytes;
    changes.order = true;
    noteChanged(*found, changes);
}

void ClientTableModel::noteCounters(const ClientCounters &counters, Changes &changes)
{
    const auto found = m_slotOf.constFind(counters.id);
    if (found == m_slotOf.cend() || !at(*found).connection.isThere)
        return;
    at(*found).take(counters);
    changes.touch(at(*found).row);
    changes.counters = true;
}

void ClientTableModel::noteWaiting(const WaitingCount &count, Changes &changes)
{
    const auto found = m_slotOf.constFind(count.id);
    if (found == m_slotOf.cend() || at(*found).connection.isThere)
        return;
    at(*found).waiting = count.waiting;
    changes.touch(at(*found).row);
    changes.counters = true;
}

/// The filter may see it differently now.
void ClientTableModel::noteChanged(Slot slot, Changes &changes)
{
    changes.touch(at(slot).row);
    if (!m_filter.isEmpty())
        changes.candidates.push_back(slot);
}

void ClientTableModel::apply(Changes &changes)
{
    if (changes.lastRow >= 0)
        Q_EMIT dataChanged(index(changes.firstRow, 0), index(changes.lastRow, ColumnCount - 1));

    std::vector<int> hidden;
    for (const Slot slot : changes.gone) {
        if (at(slot).row >= 0)
            hidden.push_back(at(slot).row);
    }
    for (const Slot slot : changes.candidates) {
        if (at(slot).row >= 0 && isInUse(slot) && !at(slot).contains(m_filter))
            hidden.push_back(at(slot).row);
    }
    hideRows(std::move(hidden));

    std::vector<Slot> arriving;
    for (const Slot slot : changes.candidates) {
        ClientRow &client = at(slot);
        if (client.row < 0 && isInUse(slot) && client.contains(m_filter)) {
            client.row = shownCount() + static_cast<int>(arriving.size());
            arriving.push_back(slot);
        }
    }
    showSlots(arriving);
    m_freeSlots.insert(m_freeSlots.end(), changes.gone.begin(), changes.gone.end());

    const bool arrivalsUnsorted = !arriving.empty()
        && (offlineCount() > 0 || m_sortColumn != IdColumn || m_sortOrder != Qt::AscendingOrder
            || !m_filter.isEmpty());
    if (arrivalsUnsorted || changes.order
        || (changes.counters && (m_sortColumn == LastSeenColumn || m_sortColumn >= RoundTripColumn))
        || (changes.formats && m_sortColumn == FormatColumn)) {
        sortSoon();
    }
    if (!changes.gone.empty() || !changes.candidates.empty())
        Q_EMIT countsChanged();
}

/// It belongs to a client still, connected or known.
bool ClientTableModel::isInUse(Slot slot) const
{
    return m_slotOf.value(at(slot).id, -1) == slot;
}

ClientTableModel::Slot ClientTableModel::addSlot(ClientId id, Changes &changes)
{
    Slot slot = 0;
    if (m_freeSlots.empty()) {
        m_clients.emplace_back();
        slot = static_cast<Slot>(m_clients.size() - 1);
    } else {
        slot = m_freeSlots.back();
        m_freeSlots.pop_back();
        at(slot) = ClientRow();
    }
    at(slot).id = id;
    m_slotOf.insert(id, slot);
    changes.candidates.push_back(slot);
    return slot;
}

bool ClientTableModel::isConnected(ClientId id) const
{
    const auto found = m_slotOf.constFind(id);
    return found != m_slotOf.cend() && at(*found).connection.isThere;
}

void ClientTableModel::setFilterText(const QString &text)
{
    const QString filter = text.trimmed();
    if (filter == m_filter)
        return;
    m_filter = filter;

    std::vector<int> hidden;
    for (int row = 0; row < shownCount(); ++row) {
        if (!at(m_shown[static_cast<size_t>(row)]).contains(m_filter))
            hidden.push_back(row);
    }
    hideRows(std::move(hidden));

    std::vector<Slot> arriving;
    for (const Slot slot : std::as_const(m_slotOf)) {
        if (at(slot).row < 0 && at(slot).contains(m_filter)) {
            at(slot).row = shownCount() + static_cast<int>(arriving.size());
            arriving.push_back(slot);
        }
    }
    showSlots(arriving);
    sortNow();
    Q_EMIT countsChanged();
}

void ClientTableModel::hideRows(std::vector<int> rows)
{
    if (rows.empty())
        return;
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    for (const int row : rows)
        at(m_shown[static_cast<size_t>(row)]).row = -1;

    std::vector<std::pair<int, int>> runs;
    for (const int row : rows) {
        if (runs.empty() || runs.back().second != row - 1)
            runs.emplace_back(row, row);
        else
            runs.back().second = row;
    }
    if (runs.size() <= kMaxSingleRemovals) {
        for (auto run = runs.rbegin(); run != runs.rend(); ++run)
            removeRun(run->first, run->second);
    } else {
        std::vector<Slot> order;
        order.reserve(m_shown.size());
        std::copy_if(m_shown.begin(), m_shown.end(), std::back_inserter(order),
                     [this](Slot slot) { return at(slot).row >= 0; });
        const int staying = static_cast<int>(order.size());
        std::copy_if(m_shown.begin(), m_shown.end(), std::back_inserter(order),
                     [this](Slot slot) { return at(slot).row < 0; });
        reorder(std::move(order));
        removeRun(staying, shownCount() - 1);
    }
    renumber();
}

void ClientTableModel::removeRun(int first, int last)
{
    beginRemoveRows({}, first, last);
    m_shown.erase(m_shown.begin() + first, m_shown.begin() + last + 1);
    endRemoveRows();
}

void ClientTableModel::showSlots(const std::vector<Slot> &arriving)
{
    if (arriving.empty())
        return;
    beginInsertRows({}, shownCount(), shownCount() + static_cast<int>(arriving.size()) - 1);
    m_shown.insert(m_shown.end(), arriving.begin(), arriving.end());
    endInsertRows();
}

void ClientTableModel::renumber()
{
    for (int row = 0; row < shownCount(); ++row)
        at(m_shown[static_cast<size_t>(row)]).row = row;
}

void ClientTableModel::reorder(std::vector<Slot> order)
{
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    if (!before.isEmpty()) {
        std::vector<int> rowOfSlot(m_clients.size(), -1);
        for (size_t row = 0; row < order.size(); ++row)
            rowOfSlot[static_cast<size_t>(order[row])] = static_cast<int>(row);
        QModelIndexList after;
        after.reserve(before.size());
        for (const QModelIndex &old : before) {
            const Slot slot = m_shown[static_cast<size_t>(old.row())];
            after.append(createIndex(rowOfSlot[static_cast<size_t>(slot)], old.column()));
        }
        changePersistentIndexList(before, after);
    }
    m_shown = std::move(order);
    Q_EMIT layoutChanged({}, VerticalSortHint);
}

void ClientTableModel::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = column >= 0 && column < ColumnCount ? column : IdColumn;
    m_sortOrder = order;
    sortNow();
}

void ClientTableModel::sortSoon()
{
    if (!m_sinceSort.isValid() || m_sinceSort.hasExpired(kSortIntervalMs))
        sortNow();
    else if (!m_sortTimer.isActive())
        m_sortTimer.start(static_cast<int>(kSortIntervalMs - m_sinceSort.elapsed()));
}

void ClientTableModel::sortNow()
{
    m_sortTimer.stop();
    m_sinceSort.start();

    struct Key
    {
        ClientRow::SortKey value;
        bool isOffline;
        ClientId id;
        Slot slot;
    };

    std::vector<Key> keys;
    keys.reserve(m_shown.size());
    for (const Slot slot : m_shown)
        keys.push_back({at(slot).sortKey(m_sortColumn), !at(slot).connection.isThere, at(slot).id, slot});
    // Whatever the order, who is there stands before who is not, and the ID decides between equals.
    const auto before = [descending = m_sortOrder == Qt::DescendingOrder](const Key &a, const Key &b) {
        if (a.isOffline != b.isOffline)
            return b.isOffline;
        const Key &first = descending ? b : a;
        const Key &second = descending ? a : b;
        return first.value == second.value ? first.id < second.id : first.value < second.value;
    };
    if (std::is_sorted(keys.begin(), keys.end(), before))
        return;
    std::sort(keys.begin(), keys.end(), before);

    std::vector<Slot> order;
    order.reserve(keys.size());
    for (const Key &key : keys)
        order.push_back(key.slot);
    reorder(std::move(order));
    renumber();
}

std::optional<ClientId> ClientTableModel::clientAt(int row) const
{
    if (row < 0 || row >= shownCount())
        return {};
    return at(m_shown[static_cast<size_t>(row)]).id;
}

int ClientTableModel::rowOf(ClientId id) const
{
    const auto found = m_slotOf.constFind(id);
    return found == m_slotOf.cend() ? -1 : at(*found).row;
}

void ClientTableModel::refreshTimes(int firstRow, int lastRow)
{
    const int first = std::max(firstRow, 0);
    const int last = std::min(lastRow, shownCount() - 1);
    if (first <= last)
        Q_EMIT dataChanged(index(first, LastSeenColumn), index(last, ConnectedForColumn));
}

int ClientTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : shownCount();
}

int ClientTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ClientTableModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= shownCount())
        return {};
    const ClientRow &client = at(m_shown[static_cast<size_t>(index.row())]);
    switch (role) {
    case Qt::DisplayRole:
        return client.display(index.column(), m_clock());
    case Qt::ToolTipRole:
        return client.toolTip(index.column());
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case Qt::ForegroundRole:
        return client.isQuiet(index.column()) ? QVariant(themeColors(QGuiApplication::palette()).muted)
                                              : QVariant();
    case StateRole:
        return static_cast<int>(client.state());
    case EncryptedRole:
        return bool(client.connection.tls);
    default:
        return {};
    }
}

QVariant ClientTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::DisplayRole)
        return ClientRow::title(section);
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(
            Qt::AlignVCenter | (ClientRow::isNumber(section) ? Qt::AlignRight : Qt::AlignLeft)));
    }
    return {};
}

} // namespace wireroom
