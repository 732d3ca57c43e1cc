// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/window/celldelegate.h"

namespace wireroom {

/// Paints the cells of the clients' table: before a state, its shape.
class ClientDelegate : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

protected:
    QRect paintBefore(QPainter *painter, const QRect &place, const QModelIndex &index,
                      const QPalette &palette) const override;
};

} // namespace wireroom
