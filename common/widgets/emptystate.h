// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/icons.h"

#include <QWidget>

class QAbstractItemView;
class QLabel;

namespace wireroom {

/// What an item view shows while it has no rows: an icon, a title and what to do next. Lies over the view's
/// viewport, appears and goes by itself, and lets the mouse through.
///
/// Owner: the view that it is given. Thread: GUI.
class EmptyState : public QWidget
{
    Q_OBJECT

public:
    /// The view must have its model already.
    explicit EmptyState(QAbstractItemView *view);

    void setText(IconName icon, const QString &title, const QString &hint);
    QString title() const;
    QString hint() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void follow();
    void tint();

    QAbstractItemView *m_view;
    IconName m_icon = IconName::Message;
    QLabel *m_picture = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_hint = nullptr;
};

} // namespace wireroom
