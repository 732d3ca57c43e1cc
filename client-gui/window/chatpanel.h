// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/window/chatcontroller.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QPushButton;
class QSettings;
class QSplitter;
class QStackedWidget;

namespace wireroom {

class ChatView;
class Composer;
class SearchModel;
class SidebarModel;

/// The client window's page for chat: the conversations on the left; on the right the messages of one of
/// them, or what a search found, and where one writes.
///
/// Owner: the client window, like the client, which lives longer. Thread: GUI.
class ChatPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ChatPanel(ChatClient *client, QWidget *parent = nullptr);

    ChatController *controller() const { return m_controller; }

    /// After each change of the client's state, and of what stands in the fields meanwhile.
    void showState(ChatClient::State state, const QString &place);
    /// Whether the window is the active one: only then something is read.
    void setActive(bool active);

    void open(const Conversation &conversation);
    const Conversation &conversation() const;

    void focusMessage();
    void focusSearch();
    void focusTo();
    /// Asks for a name and takes it.
    void askForName();

    void load(const QSettings &settings);
    void save(QSettings &settings) const;

private:
    QWidget *makeSidebar();
    QWidget *makeConversation();
    QWidget *makeResults();
    void connectParts();

    void chooseSelected();
    void selectCurrent();
    void openTyped();
    void openFound(int row);
    void updateHeader();
    void updateSelf();
    void updateLookedAt();
    void updateHint();
    void startSearch();
    void endSearch();
    void send(const QByteArray &payload);
    void rename(const QString &name);

    ChatClient *m_client;
    ChatController *m_controller;
    SidebarModel *m_sidebar;
    SearchModel *m_found;

    QSplitter *m_splitter = nullptr;
    QPushButton *m_self = nullptr;
    QLineEdit *m_to = nullptr;
    QLabel *m_toError = nullptr;
    QListView *m_list = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_subtitle = nullptr;
    QLineEdit *m_search = nullptr;
    QStackedWidget *m_pages = nullptr;
    ChatView *m_view = nullptr;
    QLabel *m_foundText = nullptr;
    QListView *m_foundList = nullptr;
    Composer *m_composer = nullptr;

    QTimer m_searchSoon;
    Conversation m_conversation;
    ChatClient::State m_state = ChatClient::State::Offline;
    QString m_place;
    bool m_isActive = false;
    bool m_isSelecting = false; ///< the selection follows the conversation, not the other way round
};

} // namespace wireroom
