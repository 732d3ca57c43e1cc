// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatview.h"

#include "client-gui/window/chatdelegate.h"
#include "client-gui/window/threadmodel.h"
#include "common/widgets/emptystate.h"
#include "common/widgets/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QIdentityProxyModel>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QToolButton>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// So many heights of the view before an end, more is asked for.
constexpr int kAhead = 2;

constexpr int kButtonSize = 4 * kGrid;

} // namespace

ChatView::ChatView(QWidget *parent)
    : QListView(parent), m_proxy(new QIdentityProxyModel(this)), m_delegate(new ChatDelegate(this))
{
    setObjectName(u"chatMessages"_s);
    setAccessibleName(u"Messages"_s);
    setFrameShape(QFrame::NoFrame);
    setModel(m_proxy);
    setItemDelegate(m_delegate);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setResizeMode(QListView::Adjust);
    setMouseTracking(false);
    verticalScrollBar()->setSingleStep(3 * kGrid);
    m_emptyState = new EmptyState(this);

    m_newest = new QToolButton(this);
    m_newest->setObjectName(u"newestMessage"_s);
    m_newest->setAccessibleName(u"Newest message"_s);
    m_newest->setToolTip(u"Go to the newest message (End)"_s);
    m_newest->setIcon(icon(IconName::Latest));
    m_newest->setFixedSize(kButtonSize, kButtonSize);
    m_newest->hide();
    connect(m_newest, &QToolButton::clicked, this, &ChatView::newestWanted);

    for (const auto change :
         {&QAbstractItemModel::rowsAboutToBeInserted, &QAbstractItemModel::rowsAboutToBeRemoved})
        connect(m_proxy, change, this, &ChatView::keepPlace);
    connect(m_proxy, &QAbstractItemModel::rowsAboutToBeMoved, this, &ChatView::keepPlace);
    connect(m_proxy, &QAbstractItemModel::dataChanged, this, &ChatView::keepPlace);
    // Moved rows are laid out like any others; the view does not see to it by itself.
    connect(m_proxy, &QAbstractItemModel::rowsMoved, this, &ChatView::scheduleDelayedItemsLayout);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &ChatView::handleScroll);
}

void ChatView::setThread(ThreadModel *thread)
{
    if (m_thread == thread)
        return;
    m_thread = thread;
    m_anchor = QModelIndex();
    m_delegate->setHighlighted(0);
    m_proxy->setSourceModel(thread);
    setFollows(true);
    scheduleDelayedItemsLayout();
}

void ChatView::scrollToNewest()
{
    m_anchor = QModelIndex();
    setFollows(true);
    scheduleDelayedItemsLayout();
}

void ChatView::showMessage(quint64 seq)
{
    const int row = m_thread ? m_thread->rowOf(seq) : -1;
    if (row < 0)
        return;
    m_delegate->setHighlighted(seq);
    m_anchor = QModelIndex();
    setFollows(false);
    executeDelayedItemsLayout();
    const QModelIndex index = m_proxy->index(row, 0);
    scrollTo(index, QAbstractItemView::PositionAtCenter);
    setCurrentIndex(index);
    viewport()->update();
}

void ChatView::setEmptyState(IconName icon, const QString &title, const QString &hint)
{
    m_emptyState->setText(icon, title, hint);
}

QString ChatView::selectedText() const
{
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    QStringList texts;
    for (const QModelIndex &row : std::as_const(rows))
        texts << QString::fromUtf8(row.data(ThreadModel::BodyRole).toByteArray());
    return texts.join(u'\n');
}

/// Remembers what is in sight before rows change; the first of several changes knows best.
void ChatView::keepPlace()
{
    if (m_follows || m_anchor.isValid() || !m_thread)
        return;
    const QModelIndex first = indexAt(QPoint(viewport()->width() / 2, 1));
    if (!first.isValid())
        return;
    m_anchor = first;
    m_anchorBottom = visualRect(first).bottom();
}

void ChatView::doItemsLayout()
{
    m_isPlacing = true;
    QListView::doItemsLayout();
    restorePlace();
    m_isPlacing = false;
    handleScroll();
}

void ChatView::restorePlace()
{
    QScrollBar *bar = verticalScrollBar();
    if (m_follows) {
        bar->setValue(bar->maximum());
    } else if (m_anchor.isValid()) {
        bar->setValue(bar->value() + visualRect(m_anchor).bottom() - m_anchorBottom);
    }
    m_anchor = QModelIndex();
}

void ChatView::handleScroll()
{
    if (m_isPlacing || !m_thread)
        return;
    const QScrollBar *bar = verticalScrollBar();
    const int near = kAhead * viewport()->height();
    // Rows that are not laid out yet say nothing about the place.
    if (m_proxy->rowCount() > 0)
        setFollows(bar->value() >= bar->maximum() - kGrid && !m_thread->hasNewer);
    if (bar->value() - bar->minimum() < near)
        Q_EMIT olderWanted();
    if (bar->maximum() - bar->value() < near && m_thread->hasNewer)
        Q_EMIT newerWanted();
}

void ChatView::setFollows(bool follows)
{
    m_newest->setVisible(!follows);
    placeButton();
    if (std::exchange(m_follows, follows) != follows)
        Q_EMIT followingChanged(follows);
}

void ChatView::placeButton()
{
    const QRect area = viewport()->geometry();
    m_newest->move(area.right() - kButtonSize - kGrid, area.bottom() - kButtonSize - kGrid);
    m_newest->raise();
}

void ChatView::resizeEvent(QResizeEvent *event)
{
    keepPlace();
    m_isPlacing = true;
    QListView::resizeEvent(event);
    m_isPlacing = false;
    scheduleDelayedItemsLayout();
    placeButton();
}

void ChatView::changeEvent(QEvent *event)
{
    if (m_thread && (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)) {
        for (int row = 0; row < m_thread->rowCount(); ++row)
            m_thread->message(row).shownSize = {};
    }
    QListView::changeEvent(event);
}

void ChatView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        copy();
    } else if (event->key() == Qt::Key_End) {
        Q_EMIT newestWanted();
    } else {
        QListView::keyPressEvent(event);
    }
}

void ChatView::copy()
{
    if (const QString text = selectedText(); !text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void ChatView::contextMenuEvent(QContextMenuEvent *event)
{
    const QModelIndex index
        = event->reason() == QContextMenuEvent::Mouse ? indexAt(event->pos()) : currentIndex();
    if (!index.isValid() || !m_thread)
        return;
    const ChatMessage &message = m_thread->message(index.row());
    QMenu menu(this);
    menu.setObjectName(u"messageMenu"_s);
    QAction *copyAction = menu.addAction(icon(IconName::Copy), u"&Copy Text"_s);
    QAction *write = nullptr;
    const ClientId from = message.from;
    if (!message.isOwn && !m_thread->conversation().isPerson())
        write = menu.addAction(icon(IconName::Send),
                               u"&Write to %1 Alone"_s.arg(m_thread->roster().name(from)));
    const QAction *chosen = menu.exec(event->globalPos());
    if (chosen == copyAction)
        copy();
    else if (chosen && chosen == write)
        Q_EMIT senderChosen(from.value());
}

} // namespace wireroom
