// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStyledItemDelegate>

namespace wireroom {

/// Paints a conversation, or a message that was found: a picture, the title with the moment, a line of
/// detail, and how many messages are not read. The rows have the roles of SidebarModel.
///
/// Owner: its view. Thread: GUI.
class ConversationDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace wireroom
