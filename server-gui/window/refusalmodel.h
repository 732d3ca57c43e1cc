// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"

#include <QAbstractTableModel>
#include <QHash>

namespace wireroom {

/// Who was turned away of late: a row for each address and reason, with how often and when last. Bounded:
/// the rows that nothing was added to for longest give way.
///
/// Owner: the server window. Thread: GUI.
class RefusalModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { TimeColumn, AddressColumn, CountColumn, ReasonColumn, ColumnCount };

    static constexpr qsizetype kMost = 500;

    enum Role {
        SortRole = Qt::UserRole + 1,
    };

    using QAbstractTableModel::QAbstractTableModel;

    void take(const ServerBatch &batch);
    void clear();

    QHostAddress addressAt(int row) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        QString address;
        QString reason;
        qint64 last = 0; ///< ms since 1970
        quint64 count = 0;
    };

    static QString keyOf(const Row &row) { return row.address % QChar(u'\n') % row.reason; }

    void add(Row &&row);
    void makeRoom(std::vector<Row> &&fresh);

    std::vector<Row> m_rows;
    QHash<QString, int> m_rowOf; ///< by keyOf()
};

} // namespace wireroom
