// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/ban.h"

#include <QAbstractTableModel>

#include <functional>

namespace wireroom {

/// Who is banned, the newest first. Owner: the bans' dialog. Thread: GUI.
class BanModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { WhoColumn, UntilColumn, SinceColumn, ReasonColumn, ColumnCount };

    /// `shown`: how a client is called elsewhere in the window.
    explicit BanModel(std::function<QString(ClientId)> shown, QObject *parent = nullptr);

    void setBans(const std::vector<Ban> &bans);

    const Ban &at(int row) const { return m_bans[static_cast<size_t>(row)]; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::function<QString(ClientId)> m_shown;
    std::vector<Ban> m_bans;
};

} // namespace wireroom
