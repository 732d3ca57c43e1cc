// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStyledItemDelegate>

namespace wireroom {

/// Paints a table's cells: text on the grid of the header's, and a quiet selection that leaves the text its
/// colours.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

protected:
    /// Paints what stands before the text; returns the text's place.
    virtual QRect paintBefore(QPainter *painter, const QRect &place, const QModelIndex &index,
                              const QPalette &palette) const;
};

} // namespace wireroom
