// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/icons.h"

#include <QListView>
#include <QPersistentModelIndex>
#include <QPointer>

class QIdentityProxyModel;
class QToolButton;

namespace wireroom {

class ChatDelegate;
class EmptyState;
class ThreadModel;

/// The messages of one conversation. Follows the newest one while it is in sight; else what is read stays
/// where it is, whatever comes or is loaded above it.
///
/// Owner: the chat panel. Thread: GUI. Asks for more messages when an end of what is there comes near.
class ChatView : public QListView
{
    Q_OBJECT

public:
    explicit ChatView(QWidget *parent = nullptr);

    ThreadModel *thread() const { return m_thread; }

    /// Null: nothing. Begins at the newest message.
    void setThread(ThreadModel *thread);

    /// Whether the newest message is in sight and stays so.
    bool isFollowing() const { return m_follows; }

    void scrollToNewest();

    /// A wish for more messages may have come while others were being loaded: it is said again.
    void lookAgain() { scheduleDelayedItemsLayout(); }

    /// Into the middle, marked; until another one is, or the thread changes.
    void showMessage(quint64 seq);

    void setEmptyState(IconName icon, const QString &title, const QString &hint);

    /// The bodies of the selected messages, in their order.
    QString selectedText() const;

Q_SIGNALS:
    void olderWanted();
    void newerWanted();
    /// The button that leads back to the newest message was pressed, or End.
    void newestWanted();
    void followingChanged(bool follows);
    /// From the menu: write to the sender of a message alone.
    void senderChosen(quint64 id);

protected:
    void doItemsLayout() override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void keepPlace();
    void restorePlace();
    void handleScroll();
    void setFollows(bool follows);
    void placeButton();
    void copy();

    QIdentityProxyModel *m_proxy; ///< keeps its place under the view while threads come and go
    ChatDelegate *m_delegate;
    QPointer<ThreadModel> m_thread;
    EmptyState *m_emptyState = nullptr;
    QToolButton *m_newest = nullptr;
    QPersistentModelIndex m_anchor; ///< what is read, while rows change before they are laid out
    int m_anchorBottom = 0;         ///< what may stand on top of it comes and goes: a day, a name
    bool m_follows = true;
    bool m_isPlacing = false; ///< the scroll bar is moved by us
};

} // namespace wireroom
