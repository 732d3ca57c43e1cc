// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/emptystate.h"

#include "common/widgets/theme.h"

#include <QAbstractItemModel>
#include <QAbstractItemView>
#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kPictureSize = 4 * kGrid;
/// Lines longer than this are hard to read, however wide the view is.
constexpr int kWidestText = 52 * kGrid;
/// Below this height the words need the room that the picture would take.
constexpr int kHeightForPicture = 13 * kGrid;

} // namespace

EmptyState::EmptyState(QAbstractItemView *view) : QWidget(view), m_view(view)
{
    setObjectName(u"emptyState"_s);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);

    m_picture = new QLabel(this);
    m_title = new QLabel(this);
    m_title->setObjectName(u"emptyStateTitle"_s);
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_hint = new QLabel(this);
    m_hint->setObjectName(u"emptyStateHint"_s);
    for (QLabel *label : {m_title, m_hint}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setMaximumWidth(kWidestText);
    }
    for (QLabel *label : {m_picture, m_title, m_hint})
        label->setAlignment(Qt::AlignCenter);

    // A column in the middle: centred items would get no room to wrap their words in.
    auto *column = new QVBoxLayout;
    column->setSpacing(kGrid / 2);
    column->addStretch(1);
    column->addWidget(m_picture);
    column->addSpacing(kGrid / 2);
    column->addWidget(m_title);
    column->addWidget(m_hint);
    column->addStretch(1);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
    layout->addStretch(1);
    layout->addLayout(column, 1000);
    layout->addStretch(1);

    const QAbstractItemModel *model = view->model();
    connect(model, &QAbstractItemModel::rowsInserted, this, &EmptyState::follow);
    connect(model, &QAbstractItemModel::rowsRemoved, this, &EmptyState::follow);
    connect(model, &QAbstractItemModel::modelReset, this, &EmptyState::follow);
    connect(model, &QAbstractItemModel::layoutChanged, this, &EmptyState::follow);
    view->viewport()->installEventFilter(this);
    tint();
    follow();
}

void EmptyState::setText(IconName icon, const QString &title, const QString &hint)
{
    if (icon == m_icon && title == m_title->text() && hint == m_hint->text())
        return;
    m_icon = icon;
    m_title->setText(title);
    m_hint->setText(hint);
    m_hint->setVisible(!hint.isEmpty());
    tint();
    follow();
}

QString EmptyState::title() const
{
    return m_title->text();
}

QString EmptyState::hint() const
{
    return m_hint->text();
}

bool EmptyState::eventFilter(QObject *watched, QEvent *event)
{
    // Asked first for the type: the viewport has other events while the view is being destroyed.
    const bool moves = event->type() == QEvent::Resize || event->type() == QEvent::Move;
    if (moves && watched == m_view->viewport())
        follow();
    return QWidget::eventFilter(watched, event);
}

void EmptyState::changeEvent(QEvent *event)
{
    if (m_hint && (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange))
        tint();
    QWidget::changeEvent(event);
}

void EmptyState::follow()
{
    const bool empty = m_view->model()->rowCount(m_view->rootIndex()) == 0;
    if (empty) {
        setGeometry(m_view->viewport()->geometry());
        m_picture->setVisible(height() >= kHeightForPicture);
        m_view->setAccessibleDescription(u"%1. %2"_s.arg(title(), hint()));
    } else if (!isHidden()) {
        m_view->setAccessibleDescription({});
    }
    setVisible(empty);
}

void EmptyState::tint()
{
    const QColor muted = themeColors(palette()).muted;
    m_picture->setPixmap(iconPixmap(m_icon, muted, kPictureSize, devicePixelRatioF()));
    QPalette quiet = palette();
    quiet.setColor(QPalette::WindowText, muted);
    m_hint->setPalette(quiet);
}

} // namespace wireroom
