// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/clienttablemodel.h"

#include "common/base/hostport.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/theme.h"

#include <QDateTime>
#include <QGuiApplication>
#include <QHostAddress>
#include <QPalette>

#include <algorithm>
#include <chrono>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kSortIntervalMs = 1000;

/// Up to so many separate runs of rows are removed one by one; a view's work for each is about that of moving
/// all rows once. Beyond it one change of layout gathers them at the end, where a single removal takes them.
constexpr size_t kMaxSingleRemovals = 64;

QString ageText(qint64 ms)
{
    const std::chrono::milliseconds age(std::max<qint64>(ms, 0));
    return age < std::chrono::seconds(2) ? u"now"_s : QString(durationText(age) % u" ago");
}

QString exactBytes(quint64 bytes)
{
    return countText(bytes) % (bytes == 1 ? u" byte"_s : u" bytes"_s);
}

QString timeText(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms).toString(u"yyyy-MM-dd HH:mm:ss.zzz");
}

std::array<quint8, 18> addressKeyOf(const QString &address, quint16 port)
{
    std::array<quint8, 18> key{};
    const Q_IPV6ADDR bytes = QHostAddress(address).toIPv6Address();
    std::copy(std::begin(bytes.c), std::end(bytes.c), key.begin());
    key[16] = static_cast<quint8>(port >> 8);
    key[17] = static_cast<quint8>(port & 0xff);
    return key;
}

/// Orders signed values as unsigned ones.
quint64 ordered(qint64 value)
{
    return static_cast<quint64>(value) ^ (quint64{1} << 63);
}

const QString kNothing = u"–"_s;

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
    bool stopped = false;
    for (const ServerEvent &event : batch.events) {
        if (const auto *connected = std::get_if<ClientConnected>(&event))
            noteConnected(*connected, changes);
        else if (const auto *known = std::get_if<ClientFormatKnown>(&event))
            noteFormat(*known, changes);
        else if (const auto *disconnected = std::get_if<ClientDisconnected>(&event))
            noteGone(disconnected->id, changes);
        else
            stopped = stopped || std::holds_alternative<ServerStopped>(event);
    }
    for (const ClientCounters &counters : batch.counters)
        noteCounters(counters, changes);
    apply(changes);
    if (stopped)
        clear();
}

void ClientTableModel::clear()
{
    if (m_slotOf.isEmpty())
        return;
    beginResetModel();
    m_clients.clear();
    m_freeSlots.clear();
    m_slotOf.clear();
    m_shown.clear();
    endResetModel();
    Q_EMIT countsChanged(0, 0);
}

void ClientTableModel::noteConnected(const ClientConnected &event, Changes &changes)
{
    if (m_slotOf.contains(event.id))
        return;
    const Slot slot = newSlot();
    Client &client = at(slot);
    client.id = event.id;
    client.address = HostPort{event.address, event.port}.toString();
    client.addressKey = addressKeyOf(event.address, event.port);
    client.format = event.format;
    client.connectedAt = event.time.isValid() ? event.time.toMSecsSinceEpoch() : m_clock();
    m_slotOf.insert(event.id, slot);
    changes.candidates.push_back(slot);
}

void ClientTableModel::noteFormat(const ClientFormatKnown &event, Changes &changes)
{
    const auto found = m_slotOf.constFind(event.id);
    if (found == m_slotOf.cend())
        return;
    Client &client = at(*found);
    client.format = event.format;
    client.formatFound = true;
    client.formatDetected = event.detected;
    changes.touch(client.row);
    changes.formats = true;
    if (!m_filter.isEmpty())
        changes.candidates.push_back(*found);
}

void ClientTableModel::noteGone(ClientId id, Changes &changes)
{
    const auto found = m_slotOf.constFind(id);
    if (found == m_slotOf.cend())
        return;
    changes.gone.push_back(*found);
    m_slotOf.erase(found);
}

void ClientTableModel::noteCounters(const ClientCounters &counters, Changes &changes)
{
    const auto found = m_slotOf.constFind(counters.id);
    if (found == m_slotOf.cend())
        return;
    Client &client = at(*found);
    client.framesIn = counters.framesIn;
    client.framesOut = counters.framesOut;
    client.bytesIn = counters.bytesIn;
    client.bytesOut = counters.bytesOut;
    client.queuedBytes = counters.queuedBytes;
    if (counters.lastSeen.isValid())
        client.lastSeen = counters.lastSeen.toMSecsSinceEpoch();
    changes.touch(client.row);
    changes.counters = true;
}

void ClientTableModel::apply(Changes &changes)
{
    if (changes.lastRow >= 0)
        Q_EMIT dataChanged(index(changes.firstRow, FormatColumn), index(changes.lastRow, QueuedColumn));

    std::vector<int> hidden;
    for (const Slot slot : changes.gone) {
        if (at(slot).row >= 0)
            hidden.push_back(at(slot).row);
    }
    const auto isConnectedSlot = [this](Slot slot) {
        return m_slotOf.value(at(slot).id, -1) == slot;
    };
    for (const Slot slot : changes.candidates) {
        if (at(slot).row >= 0 && isConnectedSlot(slot) && !matches(at(slot)))
            hidden.push_back(at(slot).row);
    }
    const bool hides = !hidden.empty();
    hideRows(std::move(hidden));

    std::vector<Slot> arriving;
    for (const Slot slot : changes.candidates) {
        Client &client = at(slot);
        if (client.row < 0 && isConnectedSlot(slot) && matches(client)) {
            client.row = shownCount() + static_cast<int>(arriving.size());
            arriving.push_back(slot);
        }
    }
    showSlots(arriving);
    m_freeSlots.insert(m_freeSlots.end(), changes.gone.begin(), changes.gone.end());

    const bool arrivalsUnsorted = !arriving.empty()
        && !(m_sortColumn == IdColumn && m_sortOrder == Qt::AscendingOrder && m_filter.isEmpty());
    if (arrivalsUnsorted || (changes.counters && m_sortColumn >= LastSeenColumn)
        || (changes.formats && m_sortColumn == FormatColumn)) {
        sortSoon();
    }
    if (hides || !changes.gone.empty() || !changes.candidates.empty())
        Q_EMIT countsChanged(clientCount(), shownCount());
}

ClientTableModel::Slot ClientTableModel::newSlot()
{
    if (m_freeSlots.empty()) {
        m_clients.emplace_back();
        return static_cast<Slot>(m_clients.size() - 1);
    }
    const Slot slot = m_freeSlots.back();
    m_freeSlots.pop_back();
    at(slot) = Client();
    return slot;
}

void ClientTableModel::setFilterText(const QString &text)
{
    const QString filter = text.trimmed();
    if (filter == m_filter)
        return;
    m_filter = filter;

    std::vector<int> hidden;
    for (int row = 0; row < shownCount(); ++row) {
        if (!matches(at(m_shown[static_cast<size_t>(row)])))
            hidden.push_back(row);
    }
    hideRows(std::move(hidden));

    std::vector<Slot> arriving;
    for (const Slot slot : std::as_const(m_slotOf)) {
        if (at(slot).row < 0 && matches(at(slot))) {
            at(slot).row = shownCount() + static_cast<int>(arriving.size());
            arriving.push_back(slot);
        }
    }
    showSlots(arriving);
    sortNow();
    Q_EMIT countsChanged(clientCount(), shownCount());
}

bool ClientTableModel::matches(const Client &client) const
{
    return m_filter.isEmpty() || client.id.toString().contains(m_filter)
        || client.address.contains(m_filter, Qt::CaseInsensitive)
        || formatText(client).contains(m_filter, Qt::CaseInsensitive);
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

    std::vector<SortKey> keys;
    keys.reserve(m_shown.size());
    for (const Slot slot : m_shown)
        keys.push_back(sortKey(slot));
    const auto before
        = [descending = m_sortOrder == Qt::DescendingOrder](const SortKey &a, const SortKey &b) {
              if (a.value != b.value)
                  return descending ? b.value < a.value : a.value < b.value;
              return descending ? b.id < a.id : a.id < b.id;
          };
    if (std::is_sorted(keys.begin(), keys.end(), before))
        return;
    std::sort(keys.begin(), keys.end(), before);

    std::vector<Slot> order;
    order.reserve(keys.size());
    for (const SortKey &key : keys)
        order.push_back(key.slot);
    reorder(std::move(order));
    renumber();
}

ClientTableModel::SortKey ClientTableModel::sortKey(Slot slot) const
{
    const Client &client = at(slot);
    SortKey key;
    key.id = client.id;
    key.slot = slot;
    switch (m_sortColumn) {
    case AddressColumn:
        for (size_t i = 0; i < client.addressKey.size(); ++i)
            key.value[i / 8] = key.value[i / 8] << 8 | client.addressKey[i];
        break;
    case FormatColumn:
        key.value[0] = client.format.kind();
        break;
    case ConnectedForColumn: // the shortest time first
        key.value[0] = ~ordered(client.connectedAt);
        break;
    case LastSeenColumn: // the latest first
        key.value[0] = ~ordered(client.lastSeen);
        break;
    case FramesInColumn:
        key.value[0] = client.framesIn;
        break;
    case FramesOutColumn:
        key.value[0] = client.framesOut;
        break;
    case BytesInColumn:
        key.value[0] = client.bytesIn;
        break;
    case BytesOutColumn:
        key.value[0] = client.bytesOut;
        break;
    case QueuedColumn:
        key.value[0] = client.queuedBytes;
        break;
    default:
        break;
    }
    return key;
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
        Q_EMIT dataChanged(index(first, ConnectedForColumn), index(last, LastSeenColumn));
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
    const Client &client = at(m_shown[static_cast<size_t>(index.row())]);
    switch (role) {
    case Qt::DisplayRole:
        return display(client, index.column());
    case Qt::ToolTipRole:
        return toolTip(client, index.column());
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case Qt::ForegroundRole: {
        const bool quiet = index.column() == NameColumn
            || (index.column() == FormatColumn && client.format.isAuto())
            || (index.column() == LastSeenColumn && client.lastSeen == kNever)
            || (index.column() == QueuedColumn && client.queuedBytes == 0);
        return quiet ? QVariant(themeColors(QGuiApplication::palette()).muted) : QVariant();
    }
    default:
        return {};
    }
}

QString ClientTableModel::formatText(const Client &client) const
{
    if (client.format.isAuto())
        return u"waiting for first bytes"_s;
    if (!client.formatFound)
        return client.format.toString();
    return client.format.toString() % (client.formatDetected ? u", detected" : u", default");
}

QString ClientTableModel::display(const Client &client, int column) const
{
    switch (column) {
    case IdColumn:
        return client.id.toString();
    case NameColumn:
        return kNothing;
    case AddressColumn:
        return client.address;
    case FormatColumn:
        return formatText(client);
    case ConnectedForColumn:
        return durationText(std::chrono::milliseconds(m_clock() - client.connectedAt));
    case LastSeenColumn:
        return client.lastSeen == kNever ? kNothing : ageText(m_clock() - client.lastSeen);
    case FramesInColumn:
        return countText(client.framesIn);
    case FramesOutColumn:
        return countText(client.framesOut);
    case BytesInColumn:
        return byteCountText(client.bytesIn);
    case BytesOutColumn:
        return byteCountText(client.bytesOut);
    case QueuedColumn:
        return client.queuedBytes == 0 ? kNothing : byteCountText(client.queuedBytes);
    default:
        return {};
    }
}

QString ClientTableModel::toolTip(const Client &client, int column) const
{
    switch (column) {
    case NameColumn:
        return u"Plain clients have an ID, no name"_s;
    case FormatColumn:
        return client.format.isAuto() ? u"Its format is found out from the first bytes it sends"_s
                                      : client.format.description();
    case ConnectedForColumn:
        return u"Since "_s % timeText(client.connectedAt);
    case LastSeenColumn:
        return client.lastSeen == kNever ? u"Nothing came from it yet"_s : timeText(client.lastSeen);
    case BytesInColumn:
        return exactBytes(client.bytesIn);
    case BytesOutColumn:
        return exactBytes(client.bytesOut);
    case QueuedColumn:
        return exactBytes(client.queuedBytes) % u" waiting to be sent";
    default:
        return {};
    }
}

QVariant ClientTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const std::array<QString, ColumnCount> titles{
        u"ID"_s,        u"Name"_s,       u"Address"_s,  u"Format"_s,    u"Connected for"_s, u"Last seen"_s,
        u"Frames in"_s, u"Frames out"_s, u"Bytes in"_s, u"Bytes out"_s, u"Queued"_s};
    if (role == Qt::DisplayRole)
        return titles[static_cast<size_t>(section)];
    if (role == Qt::TextAlignmentRole) {
        const bool isNumber = section >= ConnectedForColumn;
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (isNumber ? Qt::AlignRight : Qt::AlignLeft)));
    }
    return {};
}

} // namespace wireroom
