// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/refusalmodel.h"

#include "common/base/payloadtext.h"
#include "common/widgets/numbertext.h"

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

void RefusalModel::take(const ServerBatch &batch)
{
    std::vector<Row> fresh;
    QHash<QString, size_t> freshOf;
    int first = std::numeric_limits<int>::max();
    int last = -1;
    for (const ServerEvent &event : batch.events) {
        const auto *refused = std::get_if<PeerRefused>(&event);
        if (!refused)
            continue;
        Row row{refused->address, payloadLine(refused->reason.toUtf8(), true),
                refused->time.toMSecsSinceEpoch(), 1};
        const QString key = keyOf(row);
        const int known = m_rowOf.value(key, -1);
        const auto inBatch = freshOf.constFind(key);
        if (known >= 0) {
            Row &there = m_rows[static_cast<size_t>(known)];
            there.last = std::max(there.last, row.last);
            ++there.count;
            first = std::min(first, known);
            last = std::max(last, known);
        } else if (inBatch != freshOf.cend()) {
            fresh[*inBatch].last = row.last;
            ++fresh[*inBatch].count;
        } else {
            freshOf.insert(key, fresh.size());
            fresh.push_back(std::move(row));
        }
    }
    if (last >= 0)
        Q_EMIT dataChanged(index(first, 0), index(last, ColumnCount - 1));
    if (fresh.empty())
        return;
    if (static_cast<qsizetype>(m_rows.size() + fresh.size()) > kMost) {
        makeRoom(std::move(fresh));
        return;
    }
    const int before = rowCount();
    beginInsertRows({}, before, before + static_cast<int>(fresh.size()) - 1);
    for (Row &row : fresh)
        add(std::move(row));
    endInsertRows();
}

void RefusalModel::add(Row &&row)
{
    m_rowOf.insert(keyOf(row), static_cast<int>(m_rows.size()));
    m_rows.push_back(std::move(row));
}

void RefusalModel::makeRoom(std::vector<Row> &&fresh)
{
    beginResetModel();
    std::vector<Row> all = std::move(m_rows);
    all.insert(all.end(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
    std::stable_sort(all.begin(), all.end(), [](const Row &a, const Row &b) { return a.last < b.last; });
    m_rows.clear();
    m_rowOf.clear();
    // Room for some more, so that not each newcomer makes all anew.
    const auto dropped = static_cast<qptrdiff>(all.size()) - kMost * 9 / 10;
    for (auto row = all.begin() + dropped; row != all.end(); ++row)
        add(std::move(*row));
    endResetModel();
}

void RefusalModel::clear()
{
    beginResetModel();
    m_rows.clear();
    m_rowOf.clear();
    endResetModel();
}

QHostAddress RefusalModel::addressAt(int row) const
{
    return row >= 0 && row < rowCount() ? QHostAddress(m_rows[static_cast<size_t>(row)].address)
                                        : QHostAddress();
}

int RefusalModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RefusalModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RefusalModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Row &row = m_rows[static_cast<size_t>(index.row())];
    if (role == Qt::TextAlignmentRole)
        return headerData(index.column(), Qt::Horizontal, role);
    if (role == SortRole) {
        switch (index.column()) {
        case TimeColumn:
            return row.last;
        case CountColumn:
            return row.count;
        default:
            return data(index, Qt::DisplayRole);
        }
    }
    if (role == Qt::ToolTipRole && index.column() == ReasonColumn)
        return QString(u"<span>%1</span>"_s.arg(row.reason.toHtmlEscaped()));
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case TimeColumn:
        return QDateTime::fromMSecsSinceEpoch(row.last).toString(u"yyyy-MM-dd HH:mm:ss");
    case AddressColumn:
        return row.address;
    case CountColumn:
        return countText(row.count);
    case ReasonColumn:
        return row.reason;
    default:
        return {};
    }
}

QVariant RefusalModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (section == CountColumn ? Qt::AlignRight : Qt::AlignLeft)));
    if (role != Qt::DisplayRole)
        return {};
    static const QString titles[ColumnCount]{u"Last"_s, u"Address"_s, u"Times"_s, u"Reason"_s};
    return titles[section];
}

} // namespace wireroom
