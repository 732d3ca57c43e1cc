// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messagelogmodel.h"

#include "common/base/payloadtext.h"
#include "common/widgets/numbertext.h"

#include <QLocale>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Up to here a size is shown to the byte, as those who count prefixes need it.
constexpr qsizetype kExactBytes = 99'999;

QString sizeText(const LogEntry &entry)
{
    if (!entry.isMessage())
        return {};
    const auto bytes = static_cast<quint64>(entry.payload.size());
    return entry.payload.size() <= kExactBytes ? countText(bytes) + u"\u00a0B"_s : byteCountText(bytes);
}

bool concerns(const LogEntry &entry, const Recipients &clients)
{
    if (entry.toEveryone)
        return true;
    if (entry.clientId != 0 && clients.contains(ClientId(entry.clientId)))
        return true;
    return std::any_of(entry.moreClientIds.begin(), entry.moreClientIds.end(),
                       [&clients](quint64 id) { return clients.contains(ClientId(id)); });
}

} // namespace

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
            return entry.time.toLocalTime().toString(u"HH:mm:ss.zzz"_s);
        case FromColumn:
            return entry.from;
        case ToColumn:
            return entry.to;
        case SizeColumn:
            return sizeText(entry);
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
        if (matches(m_entries.back()))
            shown.push_back(m_firstSerial + m_entries.size() - 1);
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
    if (isFiltered())
        m_shown.erase(m_shown.begin(), m_shown.begin() + rows);
    m_entries.erase(m_entries.begin(), m_entries.begin() + count);
    m_firstSerial += static_cast<quint64>(count);
    if (rows > 0)
        endRemoveRows();
}

void MessageLogModel::clear()
{
    beginResetModel();
    m_firstSerial += m_entries.size();
    m_entries.clear();
    m_shown.clear();
    m_storedBytes = 0;
    m_totals = {};
    endResetModel();
    Q_EMIT totalsChanged();
}

void MessageLogModel::setClientFilter(std::optional<Recipients> clients)
{
    if (clients == m_clientFilter)
        return;
    beginResetModel();
    m_clientFilter = std::move(clients);
    refilter();
    endResetModel();
}

void MessageLogModel::setTextFilter(const QString &text)
{
    if (text == m_textFilter)
        return;
    beginResetModel();
    m_textFilter = text;
    m_pattern = TextPattern(text);
    refilter();
    endResetModel();
}

bool MessageLogModel::matches(const Stored &stored) const
{
    if (m_clientFilter && !concerns(stored.entry, *m_clientFilter))
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
        if (matches(m_entries[i]))
            m_shown.push_back(m_firstSerial + i);
    }
}

} // namespace wireroom
