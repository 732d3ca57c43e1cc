// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/banmodel.h"

#include "common/base/payloadtext.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

QString timeText(const QDateTime &time)
{
    return time.toLocalTime().toString(u"yyyy-MM-dd HH:mm");
}

} // namespace

BanModel::BanModel(std::function<QString(ClientId)> shown, QObject *parent)
    : QAbstractTableModel(parent), m_shown(std::move(shown))
{
}

void BanModel::setBans(const std::vector<Ban> &bans)
{
    beginResetModel();
    m_bans = bans;
    endResetModel();
}

int BanModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_bans.size());
}

int BanModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant BanModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Ban &ban = at(index.row());
    if (role == Qt::ToolTipRole && index.column() == ReasonColumn)
        return QString(u"<span>%1</span>"_s.arg(ban.reason.toHtmlEscaped()));
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case WhoColumn:
        return ban.who.id() ? m_shown(*ban.who.id()) : ban.who.toString();
    case UntilColumn:
        return ban.until.isValid() ? timeText(ban.until) : u"lifted"_s;
    case SinceColumn:
        return timeText(ban.since);
    case ReasonColumn:
        return ban.reason.isEmpty() ? u"–"_s : payloadLine(ban.reason.toUtf8(), true);
    default:
        return {};
    }
}

QVariant BanModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    static const QString titles[ColumnCount]{u"Who"_s, u"Until"_s, u"Since"_s, u"Reason"_s};
    return titles[section];
}

} // namespace wireroom
