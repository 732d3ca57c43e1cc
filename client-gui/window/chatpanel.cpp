// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatpanel.h"

#include "client-gui/window/chatview.h"
#include "client-gui/window/conversationdelegate.h"
#include "client-gui/window/searchmodel.h"
#include "client-gui/window/sidebarmodel.h"
#include "common/widgets/composer.h"
#include "common/widgets/icons.h"
#include "common/widgets/plaintooltip.h"
#include "common/widgets/rule.h"
#include "common/widgets/theme.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPointer>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QStringDecoder>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kSidebarWidth = 30 * kGrid;
constexpr int kNarrowestSidebar = 20 * kGrid;
constexpr int kSearchWidth = 26 * kGrid;
constexpr int kSearchDelayMs = 250;

const QString kSplitterKey = u"window/chat"_s;

/// A line in a quieter colour that follows the theme.
class QuietLabel : public QLabel
{
public:
    explicit QuietLabel(QWidget *parent) : QLabel(parent)
    {
        setTextFormat(Qt::PlainText);
        tint();
    }

protected:
    void changeEvent(QEvent *event) override
    {
        QLabel::changeEvent(event);
        if (event->type() == QEvent::PaletteChange && !m_isTinting)
            tint();
    }

private:
    void tint()
    {
        m_isTinting = true;
        QPalette own = palette();
        own.setColor(QPalette::WindowText, themeColors(own).muted);
        setPalette(own);
        m_isTinting = false;
    }

    bool m_isTinting = false;
};

QListView *newList(QAbstractItemModel *model, const QString &objectName, const QString &accessibleName,
                   QWidget *parent)
{
    auto *list = new QListView(parent);
    list->setObjectName(objectName);
    list->setAccessibleName(accessibleName);
    list->setFrameShape(QFrame::NoFrame);
    list->setModel(model);
    list->setItemDelegate(new ConversationDelegate(list));
    list->setUniformItemSizes(true);
    list->setMouseTracking(true);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    return list;
}

QLineEdit *newSearchField(const QString &objectName, const QString &accessibleName,
                          const QString &placeholder, IconName picture, QWidget *parent)
{
    auto *field = new QLineEdit(parent);
    field->setObjectName(objectName);
    field->setAccessibleName(accessibleName);
    field->setPlaceholderText(placeholder);
    field->setClearButtonEnabled(true);
    field->addAction(icon(picture), QLineEdit::LeadingPosition)->setText(accessibleName);
    return field;
}

chat::BodyKind kindOf(const QByteArray &payload, PayloadMode mode)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString decoded = decoder.decode(payload);
    const bool isText = mode != PayloadMode::Hex && !decoded.isNull() && !decoder.hasError();
    return isText ? chat::BodyKind::Text : chat::BodyKind::Bytes;
}

} // namespace

ChatPanel::ChatPanel(ChatClient *client, QWidget *parent)
    : QWidget(parent), m_client(client), m_controller(new ChatController(client, this)),
      m_sidebar(new SidebarModel(m_controller, this)), m_found(new SearchModel(m_controller, this))
{
    setObjectName(u"chatPanel"_s);
    m_splitter = new QSplitter(Qt::Horizontal, this);
    m_splitter->setObjectName(u"chatSplitter"_s);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(makeSidebar());
    m_splitter->addWidget(makeConversation());
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({kSidebarWidth, 3 * kSidebarWidth});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
    connectParts();
    open({});
    updateSelf();
}

QWidget *ChatPanel::makeSidebar()
{
    auto *side = new QWidget(this);
    side->setMinimumWidth(kNarrowestSidebar);
    m_self = new QPushButton(side);
    m_self->setObjectName(u"ownName"_s);
    m_self->setToolTip(u"Change your name"_s);
    m_self->setFlat(true);

    m_to = newSearchField(u"chatTo"_s, u"To"_s, u"Name, or IDs like 3,4"_s, IconName::Filter, side);
    m_to->setToolTip(
        u"Finds people and conversations; Enter opens the one with these: names, IDs like 3,4 or 5-8, all"_s);
    m_toError = new QLabel(side);
    m_toError->setObjectName(u"chatToError"_s);
    m_toError->setTextFormat(Qt::PlainText);
    m_toError->setWordWrap(true);
    m_toError->hide();
    m_list = newList(m_sidebar, u"conversations"_s, u"Conversations"_s, side);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setToolTip({});

    auto *top = new QVBoxLayout;
    top->setContentsMargins(2 * kGrid, kGrid, kGrid + kGrid / 2, kGrid);
    top->setSpacing(kGrid);
    top->addWidget(m_to);
    top->addWidget(m_toError);
    auto *bottom = new QHBoxLayout;
    bottom->setContentsMargins(0, kGrid / 2, kGrid, kGrid / 2); // the button has its own to the left
    bottom->addWidget(m_self);
    bottom->addStretch(1);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(top);
    layout->addWidget(new Rule(side));
    layout->addWidget(m_list, 1);
    layout->addWidget(new Rule(side));
    layout->addLayout(bottom);
    return side;
}

QWidget *ChatPanel::makeConversation()
{
    auto *main = new QWidget(this);
    m_title = new QLabel(main);
    m_title->setObjectName(u"conversationTitle"_s);
    m_title->setTextFormat(Qt::PlainText);
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_subtitle = new QuietLabel(main);
    m_subtitle->setObjectName(u"conversationSubtitle"_s);
    for (QLabel *label : {m_title, m_subtitle})
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_search
        = newSearchField(u"chatSearch"_s, u"Search messages"_s, u"Search messages"_s, IconName::Search, main);
    m_search->setToolTip(u"Finds words in all messages that the server keeps (Ctrl+F)"_s);
    m_search->setMaximumWidth(kSearchWidth);

    auto *names = new QVBoxLayout;
    names->setSpacing(0);
    names->addWidget(m_title);
    names->addWidget(m_subtitle);
    auto *header = new QHBoxLayout;
    header->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
    header->setSpacing(2 * kGrid);
    header->addLayout(names, 1);
    header->addWidget(m_search, 1);

    m_view = new ChatView(main);
    m_pages = new QStackedWidget(main);
    m_pages->addWidget(m_view);
    m_pages->addWidget(makeResults());
    m_composer = new Composer(Composer::Addressing::Fixed, main);

    auto *layout = new QVBoxLayout(main);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(header);
    layout->addWidget(new Rule(main));
    layout->addWidget(m_pages, 1);
    layout->addWidget(new Rule(main));
    layout->addWidget(m_composer);
    return main;
}

QWidget *ChatPanel::makeResults()
{
    auto *results = new QWidget(this);
    m_foundText = new QuietLabel(results);
    m_foundText->setObjectName(u"foundText"_s);
    m_foundText->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
    m_foundText->setWordWrap(true);
    m_foundList = newList(m_found, u"foundMessages"_s, u"Found messages"_s, results);
    auto *layout = new QVBoxLayout(results);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_foundText);
    layout->addWidget(m_foundList, 1);
    return results;
}

void ChatPanel::connectParts()
{
    m_searchSoon.setSingleShot(true);
    m_searchSoon.setInterval(kSearchDelayMs);
    connect(&m_searchSoon, &QTimer::timeout, this, &ChatPanel::startSearch);

    connect(m_self, &QPushButton::clicked, this, &ChatPanel::askForName);
    connect(m_to, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_toError->hide();
        m_sidebar->setFilter(text);
        selectCurrent();
    });
    connect(m_to, &QLineEdit::returnPressed, this, &ChatPanel::openTyped);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ChatPanel::chooseSelected);
    connect(m_list, &QListView::activated, this, &ChatPanel::focusMessage);
    connect(m_sidebar, &SidebarModel::layoutChanged, this, &ChatPanel::selectCurrent);

    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        if (text.trimmed().isEmpty())
            endSearch();
        else
            m_searchSoon.start();
    });
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        if (m_searchSoon.isActive())
            startSearch();
        if (m_found->rowCount() > 0)
            m_foundList->setFocus();
    });
    connect(m_found, &SearchModel::statusChanged, this,
            [this] { m_foundText->setText(m_found->statusText()); });
    for (const auto chosen : {&QListView::clicked, &QListView::activated})
        connect(m_foundList, chosen, this, [this](const QModelIndex &index) { openFound(index.row()); });
    auto *escape = new QShortcut(QKeySequence(Qt::Key_Escape), this);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, [this] {
        m_search->clear();
        m_to->clear();
        focusMessage();
    });

    connect(m_view, &ChatView::olderWanted, this, [this] {
        if (m_view->thread()->isLoaded)
            m_controller->loadOlder(m_view->thread());
    });
    connect(m_view, &ChatView::newerWanted, this, [this] { m_controller->loadNewer(m_view->thread()); });
    connect(m_view, &ChatView::newestWanted, this, [this] {
        if (m_view->thread()->hasNewer)
            m_controller->loadNewest(m_view->thread());
        m_view->scrollToNewest();
    });
    connect(m_view, &ChatView::followingChanged, this, &ChatPanel::updateLookedAt);
    connect(m_view, &ChatView::senderChosen, this, [this](quint64 id) {
        open({{ClientId(id)}});
        focusMessage();
    });
    connect(m_composer, &Composer::sendRequested, this, &ChatPanel::send);

    connect(m_controller, &ChatController::threadsChanged, this, &ChatPanel::updateHint);
    connect(m_controller, &ChatController::pageCame, m_view, [this](ThreadModel *thread) {
        if (thread == m_view->thread())
            m_view->lookAgain();
    });
    connect(m_controller, &ChatController::welcomed, this, [this] {
        // What came while the connection was away is in the order of its coming; a thread that was never
        // read is read now.
        open(m_conversation);
    });
    connect(&m_controller->roster(), &Roster::changed, this, [this] {
        updateHeader();
        updateSelf();
    });
}

const Conversation &ChatPanel::conversation() const
{
    return m_conversation;
}

void ChatPanel::open(const Conversation &conversation)
{
    m_conversation = conversation;
    ThreadModel *thread = m_controller->thread(conversation);
    m_controller->setOpen(thread);
    m_view->setThread(thread);
    // Welcome may have come before the client is all ready.
    const ChatClient::State state = m_client->state();
    if (!thread->isLoaded && (state == ChatClient::State::Online || state == ChatClient::State::Handshake))
        m_controller->loadOlder(thread);
    m_sidebar->refresh();
    selectCurrent();
    updateHeader();
    updateLookedAt();
    updateHint();
}

void ChatPanel::selectCurrent()
{
    const int row = m_sidebar->rowOf(m_conversation);
    const QModelIndexList selected = m_list->selectionModel()->selectedRows();
    if (selected.size() > 1 || (selected.size() == 1 && selected.front().row() == row))
        return;
    m_isSelecting = true;
    m_list->selectionModel()->clearSelection();
    if (row >= 0)
        m_list->setCurrentIndex(m_sidebar->index(row));
    m_isSelecting = false;
}

/// One row is a conversation; several are the conversation with all of their people.
void ChatPanel::chooseSelected()
{
    if (m_isSelecting)
        return;
    const QModelIndexList selected = m_list->selectionModel()->selectedRows();
    if (selected.isEmpty())
        return;
    Conversation chosen;
    for (const QModelIndex &index : selected) {
        const Conversation &one = m_sidebar->conversation(index.row());
        chosen.with.insert(chosen.with.end(), one.with.begin(), one.with.end());
    }
    std::sort(chosen.with.begin(), chosen.with.end());
    chosen.with.erase(std::unique(chosen.with.begin(), chosen.with.end()), chosen.with.end());
    if (chosen != m_conversation || m_pages->currentIndex() != 0) {
        m_search->clear();
        open(chosen);
    }
}

void ChatPanel::openTyped()
{
    QString why;
    std::optional<Conversation> typed = m_controller->roster().parse(m_to->text(), &why);
    // The beginning of a name is enough where only one is left.
    if (!typed && m_sidebar->rowCount() == 1)
        typed = m_sidebar->conversation(0);
    if (!typed) {
        QPalette ink = m_toError->palette();
        ink.setColor(QPalette::WindowText, themeColors(palette()).error);
        m_toError->setPalette(ink);
        m_toError->setText(why);
        m_toError->show();
        return;
    }
    m_to->clear();
    m_list->selectionModel()->clearSelection();
    open(*typed);
    focusMessage();
}

void ChatPanel::openFound(int row)
{
    const quint64 seq = m_found->message(row).seq;
    open(m_found->conversation(row));
    ThreadModel *thread = m_view->thread();
    m_controller->loadAround(thread, seq, [this, thread = QPointer(thread), seq] {
        if (!thread || m_view->thread() != thread)
            return;
        m_pages->setCurrentIndex(0);
        m_view->showMessage(seq);
        m_view->setFocus();
    });
}

void ChatPanel::updateHeader()
{
    const Roster &roster = m_controller->roster();
    m_title->setText(roster.title(m_conversation));
    m_subtitle->setText(roster.subtitle(m_conversation));
    m_subtitle->setToolTip(plainToolTip(m_subtitle->text()));
}

void ChatPanel::updateSelf()
{
    const Roster &roster = m_controller->roster();
    const bool isKnown = roster.find(roster.me());
    m_self->setVisible(isKnown);
    if (!isKnown)
        return;
    const QString words = u"%1 · ID %2"_s.arg(roster.name(roster.me()), roster.me().toString());
    m_self->setText(QString(words).replace(u'&', u"&&"_s));
    m_self->setAccessibleName(u"You are %1; change your name"_s.arg(words));
}

void ChatPanel::updateLookedAt()
{
    const bool isRead = m_isActive && isVisible() && m_pages->currentIndex() == 0 && m_view->isFollowing();
    m_controller->setLookedAt(isRead ? m_view->thread() : nullptr);
}

void ChatPanel::setActive(bool active)
{
    m_isActive = active;
    updateLookedAt();
}

void ChatPanel::showState(ChatClient::State state, const QString &place)
{
    using State = ChatClient::State;
    const bool wasOnline = m_state == State::Online;
    m_state = state;
    m_place = place;
    // What is written goes to the outbox on disk once the client knows for which server.
    const bool canWrite = m_client->config().chat.has_value() && state != State::Closing;
    m_composer->setSendEnabled(canWrite, u"Connect to send messages"_s);
    m_self->setEnabled(state == State::Online);
    m_search->setEnabled(state == State::Online);
    if (state == State::Online && !wasOnline && !m_search->text().isEmpty())
        startSearch();
    updateHint();
}

void ChatPanel::updateHint()
{
    using State = ChatClient::State;
    const ThreadModel *thread = m_view->thread();
    switch (m_state) {
    case State::Online:
        if (thread && thread->isLoading && !thread->isLoaded) {
            m_view->setEmptyState(IconName::Message, u"Loading"_s,
                                  u"The newest messages are on their way."_s);
        } else {
            m_view->setEmptyState(IconName::Message, u"No messages yet"_s,
                                  m_conversation.isEveryone()
                                      ? u"What you write below goes to everyone."_s
                                      : u"Write the first one below. Who is away gets it later."_s);
        }
        break;
    case State::Connecting:
    case State::Handshake:
        m_view->setEmptyState(IconName::Connect, u"Connecting"_s,
                              u"Messages appear here once the server has answered."_s);
        break;
    case State::Confirming:
        m_view->setEmptyState(IconName::Connect, u"Not connected yet"_s,
                              u"This server's certificate must be confirmed first."_s);
        break;
    case State::WaitingToRetry:
        m_view->setEmptyState(IconName::Connect, u"Not connected yet"_s,
                              u"What you write is kept on this computer and sent when the server is back."_s);
        break;
    case State::Closing:
        m_view->setEmptyState(IconName::Message, u"Disconnecting"_s, {});
        break;
    case State::Offline:
        m_view->setEmptyState(IconName::Connect, u"Not connected"_s,
                              m_place.isEmpty() ? u"Fill in the server's name or address above."_s
                                                : u"Press Connect to join %1."_s.arg(m_place));
        break;
    }
}

void ChatPanel::startSearch()
{
    m_searchSoon.stop();
    const QString text = m_search->text().trimmed();
    if (text.isEmpty())
        return;
    m_pages->setCurrentIndex(1);
    m_found->search(text);
    updateLookedAt();
}

void ChatPanel::endSearch()
{
    m_searchSoon.stop();
    m_pages->setCurrentIndex(0);
    m_found->search({});
    updateLookedAt();
}

void ChatPanel::send(const QByteArray &payload)
{
    const auto answer = [self = QPointer(this)](const Result<quint64> &ref) {
        if (!self)
            return;
        if (ref)
            self->m_composer->accepted();
        else
            self->m_composer->refused(ref.error().text);
    };
    m_search->clear();
    if (m_view->thread()->hasNewer)
        m_controller->loadNewest(m_view->thread());
    m_view->scrollToNewest();
    m_controller->post(m_conversation, kindOf(payload, m_composer->mode()), payload, answer);
}

void ChatPanel::askForName()
{
    const Roster &roster = m_controller->roster();
    if (m_state != ChatClient::State::Online)
        return;
    bool ok = false;
    const QString name = QInputDialog::getText(this, u"Change Name"_s, u"The name that others see:"_s,
                                               QLineEdit::Normal, roster.name(roster.me()), &ok);
    if (ok && name.trimmed() != roster.name(roster.me()))
        rename(name.trimmed());
}

void ChatPanel::rename(const QString &name)
{
    m_client->rename(name, [self = QPointer(this)](const Result<QString> &result) {
        if (self && !result)
            Q_EMIT self->m_controller->noticed(chat::notice::BadValue, result.error().text);
    });
}

void ChatPanel::focusMessage()
{
    m_composer->focusMessage();
}

void ChatPanel::focusSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void ChatPanel::focusTo()
{
    m_to->setFocus(Qt::ShortcutFocusReason);
    m_to->selectAll();
}

void ChatPanel::load(const QSettings &settings)
{
    m_splitter->restoreState(settings.value(kSplitterKey).toByteArray());
}

void ChatPanel::save(QSettings &settings) const
{
    settings.setValue(kSplitterKey, m_splitter->saveState());
}

} // namespace wireroom
