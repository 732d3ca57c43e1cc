// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messagelogmodel.h"

#include "common/base/payloadtext.h"

#include <QLocale>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

bool MessageLogModel::Stored::isText() const
{
    if (text == Text::Unknown)
        text = isShownAsText(entry.payload) ? Text::Yes : Text::No;
    return text == Text::Yes;
}

MessageLogModel::MessageLogModel(QObject *parent) : MessageLogModel(Limits{}, parent) { }

MessageLogModel::MessageLogModel(Limits limits, QObject *parent)
    : QAbstractTableModel(parent), m_limits(limits)
{
}

int MessageLogModel::rowCount(const QModelIndex &parent) const
{
    if (parent.isValid())
        return 0;
    return static_cast<int>(isFiltered() ? m_shown.size() : m_entries.size());
}

int MessageLogModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

const MessageLogModel::Stored &MessageLogModel::stored(int row) const
{
    return m_entries[static_cast<size_t>(serial(row) - m_firstSerial)];
}

const LogEntry &MessageLogModel::entry(int row) const
{
    return stored(row).entry;
}

quint64 MessageLogModel::serial(int row) const
{
    const auto at = static_cast<size_t>(row);
    return isFiltered() ? m_shown[at] : m_firstSerial + at;
}

const LogEntry *MessageLogModel::entryBySerial(quint64 serial) const
{
    if (serial < m_firstSerial || serial - m_firstSerial >= m_entries.size())
        return nullptr;
    return &m_entries[static_cast<size_t>(serial - m_firstSerial)].entry;
}

QVariant MessageLogModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Stored &row = stored(index.row());
    const LogEntry &entry = row.entry;
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case TimeColumn:
            return entry.timeText();
        case FromColumn:
            return entry.from;
        case ToColumn:
            return entry.to;
        case SizeColumn:
            return entry.sizeText();
        case MessageColumn:
            return payloadLine(entry.payload, row.isText());
        default:
            return {};
        }
    case Qt::ToolTipRole:
        switch (index.column()) {
        case TimeColumn:
            return QLocale().toString(entry.time.toLocalTime(), QLocale::LongFormat);
        case ToColumn:
            return entry.to;
        default:
            return {};
        }
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter
                                   | (index.column() == SizeColumn ? Qt::AlignRight : Qt::AlignLeft));
    case KindRole:
        return static_cast<int>(entry.kind);
    case PayloadRole:
        return entry.payload;
    case ClientIdRole:
        return entry.clientId;
    case PlainTextRole:
        return row.isText();
    case ReachRole:
        return entry.reachText(m_hasHistory);
    default:
        return {};
    }
}

QVariant MessageLogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter
                                   | (section == SizeColumn ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case FromColumn:
        return tr("From");
    case ToColumn:
        return tr("To");
    case SizeColumn:
        return tr("Size");
    case MessageColumn:
        return tr("Message");
    default:
        return {};
    }
}

void MessageLogModel::append(std::vector<LogEntry> &&batch)
{
    std::erase_if(batch, [this](const LogEntry &entry) { return m_serialOfSeq.contains(entry.seq); });
    if (batch.empty())
        return;
    m_totals.rows += batch.size();
    for (const LogEntry &entry : batch)
        m_totals.payloadBytes += static_cast<quint64>(entry.payload.size());

    // How much of the batch's end can stay at all: its newest entry always does, whatever its size.
    qsizetype kept = 0;
    quint64 keptBytes = 0;
    while (kept < static_cast<qsizetype>(batch.size()) && (kept == 0 || kept < m_limits.rows)) {
        const auto bytes
            = static_cast<quint64>(batch[batch.size() - 1 - static_cast<size_t>(kept)].payload.size());
        if (kept > 0 && keptBytes + bytes > m_limits.payloadBytes)
            break;
        keptBytes += bytes;
        ++kept;
    }
    const auto skipped = batch.size() - static_cast<size_t>(kept);

    // How much of what is there has to go for it.
    qsizetype dropped = 0;
    quint64 bytesLeft = m_storedBytes;
    while (dropped < storedRows()
           && (skipped > 0 || storedRows() - dropped + kept > m_limits.rows
               || bytesLeft + keptBytes > m_limits.payloadBytes)) {
        bytesLeft -= static_cast<quint64>(m_entries[static_cast<size_t>(dropped)].entry.payload.size());
        ++dropped;
    }
    m_totals.droppedRows += static_cast<quint64>(dropped) + skipped;
    drop(dropped);
    m_storedBytes = bytesLeft + keptBytes;
    if (m_entries.empty())
        m_firstSerial += skipped;

    const auto first = batch.begin() + static_cast<std::ptrdiff_t>(skipped);
    quint64 next = m_firstSerial + m_entries.size();
    for (auto entry = first; entry != batch.end(); ++entry, ++next) {
        if (entry->isGap)
            m_gapSerial = next;
        if (entry->seq != 0)
            m_serialOfSeq.insert(entry->seq, next);
    }
    if (!isFiltered()) {
        const int row = rowCount();
        beginInsertRows({}, row, row + static_cast<int>(kept) - 1);
        for (auto entry = first; entry != batch.end(); ++entry)
            m_entries.push_back(Stored{std::move(*entry)});
        endInsertRows();
        Q_EMIT totalsChanged();
        return;
    }

    std::vector<quint64> shown;
    for (auto entry = first; entry != batch.end(); ++entry) {
        m_entries.push_back(Stored{std::move(*entry)});
        const quint64 serial = m_firstSerial + m_entries.size() - 1;
        if (matches(m_entries.back(), serial) && !serialOfFound(m_entries.back().entry.seq))
            shown.push_back(serial);
    }
    if (!shown.empty()) {
        const int row = rowCount();
        beginInsertRows({}, row, row + static_cast<int>(shown.size()) - 1);
        m_shown.insert(m_shown.end(), shown.begin(), shown.end());
        endInsertRows();
    }
    Q_EMIT totalsChanged();
}

void MessageLogModel::drop(qsizetype count)
{
    if (count == 0)
        return;
    qsizetype rows = count;
    if (isFiltered()) {
        const quint64 firstKept = m_firstSerial + static_cast<quint64>(count);
        rows = std::lower_bound(m_shown.begin(), m_shown.end(), firstKept) - m_shown.begin();
    }
    if (rows > 0)
        beginRemoveRows({}, 0, static_cast<int>(rows) - 1);
    for (size_t i = m_found; i < static_cast<size_t>(count); ++i)
        m_serialOfSeq.remove(m_entries[i].entry.seq);
    m_found -= std::min(m_found, static_cast<size_t>(count));
    if (isFiltered())
        m_shown.erase(m_shown.begin(), m_shown.begin() + rows);
    m_entries.erase(m_entries.begin(), m_entries.begin() + count);
    m_firstSerial += static_cast<quint64>(count);
    if (rows > 0)
        endRemoveRows();
}

bool MessageLogModel::hasRoom() const
{
    return storedRows() < m_limits.rows && m_storedBytes < m_limits.payloadBytes;
}

void MessageLogModel::setHistory(bool isThere)
{
    if (isThere == m_hasHistory)
        return;
    beginResetModel();
    forgetFound();
    m_hasHistory = isThere;
    refilter();
    endResetModel();
}

void MessageLogModel::beginAnew()
{
    m_serialOfSeq.clear();
    if (!m_entries.empty())
        m_gapSerial = m_firstSerial + m_entries.size() - 1;
}

void MessageLogModel::prepend(std::vector<LogEntry> &&older, Older kind)
{
    if (isFiltered() != (kind == Older::Found))
        return;
    std::erase_if(older, [this, kind](const LogEntry &entry) {
        const auto known = m_serialOfSeq.constFind(entry.seq);
        return (known != m_serialOfSeq.cend() && (kind == Older::Continuing || *known > m_gapSerial))
            || serialOfFound(entry.seq);
    });
    size_t kept = 0;
    quint64 keptBytes = 0;
    for (auto entry = older.rbegin(); entry != older.rend(); ++entry, ++kept) {
        const auto bytes = static_cast<quint64>(entry->payload.size());
        if (storedRows() + static_cast<qsizetype>(kept) >= m_limits.rows
            || m_storedBytes + keptBytes + bytes > m_limits.payloadBytes)
            break;
        keptBytes += bytes;
    }
    if (kept == 0)
        return;
    m_storedBytes += keptBytes;
    beginInsertRows({}, 0, static_cast<int>(kept) - 1);
    for (auto entry = older.rbegin(); entry != older.rbegin() + static_cast<std::ptrdiff_t>(kept); ++entry) {
        --m_firstSerial;
        if (kind == Older::Continuing && entry->seq != 0)
            m_serialOfSeq.insert(entry->seq, m_firstSerial);
        m_entries.push_front(Stored{std::move(*entry)});
        if (isFiltered())
            m_shown.push_front(m_firstSerial);
    }
    if (kind == Older::Found) {
        m_found += kept;
    } else {
        m_totals.rows += kept;
        m_totals.payloadBytes += keptBytes;
    }
    endInsertRows();
    Q_EMIT totalsChanged();
}

std::optional<quint64> MessageLogModel::oldestSeq() const
{
    for (size_t i = 0; i < m_entries.size(); ++i) {
        const bool counts = i < m_found || !isFiltered() || m_firstSerial + i > m_gapSerial;
        if (counts && m_entries[i].entry.seq != 0)
            return m_entries[i].entry.seq;
    }
    return std::nullopt;
}

void MessageLogModel::setStored(quint64 seq)
{
    changeReach(seq, [](LogEntry &entry) { return !std::exchange(entry.reach.isStored, true); });
}

void MessageLogModel::setDelivered(quint64 seq, quint64 id)
{
    changeReach(seq, [id](LogEntry &entry) { return entry.noteDelivered(id); });
}

void MessageLogModel::changeReach(quint64 seq, const std::function<bool(LogEntry &)> &change)
{
    const auto known = m_serialOfSeq.constFind(seq);
    const auto serials = {known == m_serialOfSeq.cend() ? std::optional<quint64>() : std::optional(*known),
                          serialOfFound(seq)};
    for (const std::optional<quint64> &serial : serials) {
        if (!serial || !change(m_entries[static_cast<size_t>(*serial - m_firstSerial)].entry))
            continue;
        const int row = rowOf(*serial);
        if (row >= 0)
            Q_EMIT dataChanged(index(row, MessageColumn), index(row, MessageColumn));
    }
}

/// Found entries stand in the order of their seqs.
std::optional<quint64> MessageLogModel::serialOfFound(quint64 seq) const
{
    const auto end = m_entries.begin() + static_cast<std::ptrdiff_t>(m_found);
    const auto at = std::lower_bound(m_entries.begin(), end, seq, [](const Stored &stored, quint64 value) {
        return stored.entry.seq < value;
    });
    if (at == end || at->entry.seq != seq)
        return std::nullopt;
    return m_firstSerial + static_cast<quint64>(at - m_entries.begin());
}

/// -1 where the filter hides it.
int MessageLogModel::rowOf(quint64 serial) const
{
    if (!isFiltered())
        return static_cast<int>(serial - m_firstSerial);
    const auto at = std::lower_bound(m_shown.begin(), m_shown.end(), serial);
    return at != m_shown.end() && *at == serial ? static_cast<int>(at - m_shown.begin()) : -1;
}

/// Inside a reset.
void MessageLogModel::forgetFound()
{
    for (size_t i = 0; i < m_found; ++i)
        m_storedBytes -= static_cast<quint64>(m_entries[i].entry.payload.size());
    m_entries.erase(m_entries.begin(), m_entries.begin() + static_cast<std::ptrdiff_t>(m_found));
    m_firstSerial += m_found;
    m_found = 0;
}

void MessageLogModel::clear()
{
    beginResetModel();
    m_firstSerial += m_entries.size();
    m_entries.clear();
    m_shown.clear();
    m_storedBytes = 0;
    m_found = 0;
    m_serialOfSeq.clear();
    m_totals = {};
    endResetModel();
    Q_EMIT totalsChanged();
}

void MessageLogModel::setClientFilter(std::optional<Recipients> clients)
{
    if (clients == m_clientFilter)
        return;
    beginResetModel();
    forgetFound();
    m_clientFilter = std::move(clients);
    refilter();
    endResetModel();
    Q_EMIT filterChanged();
}

void MessageLogModel::setTextFilter(const QString &text)
{
    if (text == m_textFilter)
        return;
    beginResetModel();
    forgetFound();
    m_textFilter = text;
    m_pattern = TextPattern(text);
    refilter();
    endResetModel();
    Q_EMIT filterChanged();
}

bool MessageLogModel::matches(const Stored &stored, quint64 serial) const
{
    if (m_hasHistory && serial <= m_gapSerial && stored.entry.seq != 0)
        return false;
    if (m_clientFilter && !stored.entry.concerns(*m_clientFilter))
        return false;
    if (m_pattern.isEmpty())
        return true;
    return stored.isText() ? m_pattern.isFoundInText(stored.entry.payload)
                           : m_pattern.isFoundInHex(stored.entry.payload);
}

void MessageLogModel::refilter()
{
    m_shown.clear();
    if (!isFiltered())
        return;
    for (size_t i = 0; i < m_entries.size(); ++i) {
        if (matches(m_entries[i], m_firstSerial + i))
            m_shown.push_back(m_firstSerial + i);
    }
}

} // namespace wireroom
