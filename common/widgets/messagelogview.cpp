// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messagelogview.h"

#include "common/widgets/emptystate.h"
#include "common/widgets/messagedetail.h"
#include "common/widgets/messageexport.h"
#include "common/widgets/messagelogdelegate.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/payloadtext.h"
#include "common/widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDataStream>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QIODevice>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QSplitter>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

constexpr quint8 kStateVersion = 1;
constexpr int kFromWidth = 13 * kGrid;
constexpr int kToWidth = 12 * kGrid;
/// The columns that keep the width they are given; the message gets the rest.
constexpr std::array kFixedColumns{MessageLogModel::TimeColumn, MessageLogModel::FromColumn,
                                   MessageLogModel::ToColumn, MessageLogModel::SizeColumn};
constexpr auto kFilterDelay = 150ms;
constexpr auto kCountDelay = 100ms;
constexpr auto kNoticeTime = 8s;
/// The largest texts that are put on the clipboard; more than that belongs into a file.
constexpr qsizetype kMostCopiedBytes = 64 * 1024 * 1024;

/// The pill over the log that leads back to its end.
class PillButton : public QPushButton
{
public:
    using QPushButton::QPushButton;

    QSize sizeHint() const override
    {
        const QFontMetrics metrics = fontMetrics();
        return {metrics.horizontalAdvance(text()) + kIconSize + 4 * kGrid,
                std::max(metrics.height() + kGrid, 3 * kGrid + kGrid / 2)};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const ThemeColors colors = themeColors(palette());
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.accent);
        painter.drawRoundedRect(rect(), height() / 2.0, height() / 2.0);
        if (underMouse()) {
            QColor veil = colors.accentText;
            veil.setAlphaF(isDown() ? 0.22f : 0.1f);
            painter.setBrush(veil);
            painter.drawRoundedRect(rect(), height() / 2.0, height() / 2.0);
        }
        const QRect symbol(kGrid + kGrid / 2, (height() - kIconSize) / 2, kIconSize, kIconSize);
        painter.drawPixmap(symbol,
                           iconPixmap(IconName::Latest, colors.accentText, kIconSize, devicePixelRatioF()));
        painter.setPen(colors.accentText);
        painter.drawText(rect().adjusted(symbol.right() + kGrid / 2, 0, 0, 0),
                         Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text());
    }

private:
    static constexpr int kIconSize = 2 * kGrid;
};

/// What a person may still be typing at the end of a list of IDs.
QString withoutOpenEnd(QString ids)
{
    while (!ids.isEmpty() && (ids.back() == u',' || ids.back() == u'-' || ids.back().isSpace()))
        ids.chop(1);
    return ids;
}

QString copiedText(const LogEntry &entry)
{
    return isShownAsText(entry.payload) ? QString::fromUtf8(entry.payload) : payloadHex(entry.payload);
}

void makeBold(QLabel *label)
{
    QFont bold = label->font();
    bold.setWeight(QFont::DemiBold);
    label->setFont(bold);
}

void setTextColor(QLabel *label, const QColor &color)
{
    QPalette palette = label->palette();
    palette.setColor(QPalette::WindowText, color);
    label->setPalette(palette);
}

} // namespace

MessageLogView::MessageLogView(MessageLogModel *model, Clients clients, QWidget *parent)
    : QWidget(parent), m_model(model), m_clients(clients)
{
    setObjectName(u"messageLog"_s);
    // Before the table connects itself: it must not scroll while rows go that nobody looks at.
    connectModel();

    m_splitter = new QSplitter(this);
    m_splitter->setObjectName(u"messageLogSplitter"_s);
    m_splitter->setChildrenCollapsible(false);
    makeTable();
    m_detail = new MessageDetail(this);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_detail);
    connect(m_splitter, &QSplitter::splitterMoved, this, [this] {
        const QList<int> sizes = m_splitter->sizes();
        m_detailShare = static_cast<double>(sizes[1]) / std::max(1, sizes[0] + sizes[1]);
    });
    makeActions();
    connectTable();
    QWidget *filterBar = makeFilterBar();

    m_notice = new QLabel(this);
    m_notice->setObjectName(u"messagesNotice"_s);
    m_notice->setTextFormat(Qt::PlainText);
    m_notice->setWordWrap(true);
    m_notice->setContentsMargins(2 * kGrid, 0, 2 * kGrid, kGrid);
    m_notice->hide();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(filterBar);
    layout->addWidget(m_notice);
    layout->addWidget(m_splitter, 1);

    m_noticeTime = new QTimer(this);
    m_noticeTime->setSingleShot(true);
    connect(m_noticeTime, &QTimer::timeout, this, [this] { showNotice({}, false); });

    fitToFont();
    tint();
    updateCount();
    updateHint();
    updateActions();
    updateJumpButton();
}

QWidget *MessageLogView::makeFilterBar()
{
    auto *bar = new QWidget(this);
    auto *title = new QLabel(tr("Messages"), bar);
    makeBold(title);
    m_countLabel = new QLabel(bar);
    m_countLabel->setObjectName(u"messagesShown"_s);
    m_countLabel->setAccessibleName(tr("Messages shown"));
    m_countDelay = new QTimer(this);
    m_countDelay->setSingleShot(true);
    m_countDelay->setInterval(kCountDelay);
    connect(m_countDelay, &QTimer::timeout, this, &MessageLogView::updateCount);

    m_filterDelay = new QTimer(this);
    m_filterDelay->setSingleShot(true);
    m_filterDelay->setInterval(kFilterDelay);
    connect(m_filterDelay, &QTimer::timeout, this, &MessageLogView::applyFilter);
    const auto makeField = [&](const QString &name, const QString &accessibleName, const QString &placeholder,
                               IconName symbol) {
        auto *field = new QLineEdit(bar);
        field->setObjectName(name);
        field->setAccessibleName(accessibleName);
        field->setPlaceholderText(placeholder);
        field->setClearButtonEnabled(true);
        field->addAction(icon(symbol), QLineEdit::LeadingPosition);
        field->installEventFilter(this);
        connect(field, &QLineEdit::textChanged, m_filterDelay, qOverload<>(&QTimer::start));
        connect(field, &QLineEdit::returnPressed, this, &MessageLogView::applyFilter);
        return field;
    };
    if (m_clients == Clients::Many) {
        m_clientField = makeField(u"messagesClients"_s, tr("Filter messages by client"), tr("All clients"),
                                  IconName::Clients);
        m_clientField->setToolTip(tr("Show only what concerns these clients: 1,3,5-8"));
        m_clientField->setMinimumWidth(16 * kGrid);
        m_clientField->setMaximumWidth(22 * kGrid);
    }
    m_textField
        = makeField(u"messagesFilter"_s, tr("Filter messages"), tr("Find in messages"), IconName::Search);
    m_textField->setToolTip(tr("Show only messages that contain this, as text or as hex"));
    m_textField->setMinimumWidth(18 * kGrid);
    m_textField->setMaximumWidth(36 * kGrid);

    auto *detailButton = new QToolButton(bar);
    detailButton->setObjectName(u"messageDetailButton"_s);
    detailButton->setAutoRaise(true);
    detailButton->setFocusPolicy(Qt::TabFocus);
    detailButton->setDefaultAction(m_detailAction);
    detailButton->setAccessibleName(tr("Message detail"));
    detailButton->setToolButtonStyle(Qt::ToolButtonIconOnly);
    detailButton->setFixedSize(4 * kGrid, 4 * kGrid);

    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(2 * kGrid, kGrid, kGrid, kGrid);
    layout->setSpacing(kGrid);
    layout->addWidget(title);
    layout->addWidget(m_countLabel);
    layout->addStretch(1);
    if (m_clientField)
        layout->addWidget(m_clientField, 2);
    layout->addWidget(m_textField, 3);
    layout->addWidget(detailButton);
    return bar;
}

void MessageLogView::makeTable()
{
    m_table = new QTableView(this);
    m_table->setObjectName(u"messages"_s);
    m_table->setAccessibleName(tr("Messages"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new MessageLogDelegate(m_table));
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->setMinimumHeight(12 * kGrid);
    m_table->setColumnHidden(MessageLogModel::ToColumn, m_clients == Clients::One);

    QHeaderView *rows = m_table->verticalHeader();
    rows->setVisible(false);
    rows->setSectionResizeMode(QHeaderView::Fixed);
    QHeaderView *columns = m_table->horizontalHeader();
    columns->setObjectName(u"messagesHeader"_s);
    columns->setSectionResizeMode(QHeaderView::Interactive);
    columns->setHighlightSections(false);
    columns->setSectionsClickable(false);
    columns->setMinimumSectionSize(5 * kGrid);
    columns->setStretchLastSection(true);

    m_emptyState = new EmptyState(m_table);
    m_jumpButton = new PillButton(m_table);
    m_jumpButton->setObjectName(u"jumpToLatest"_s);
    m_jumpButton->setAccessibleName(tr("Latest messages"));
    m_jumpButton->setToolTip(tr("Go to the newest message and follow (End)"));
    m_jumpButton->setFocusPolicy(Qt::NoFocus);
    m_jumpButton->setCursor(Qt::ArrowCursor);
    connect(m_jumpButton, &QPushButton::clicked, this, &MessageLogView::jumpToEnd);

    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
}

void MessageLogView::connectTable()
{
    const QScrollBar *bar = m_table->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, &MessageLogView::handleScrolled);
    connect(bar, &QScrollBar::rangeChanged, this, [this] {
        if (m_followsEnd)
            jumpToEnd();
    });
    connect(m_table, &QWidget::customContextMenuRequested, this, &MessageLogView::showMenu);
    connect(m_table, &QAbstractItemView::doubleClicked, this, &MessageLogView::reply);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        showSelected();
        updateActions();
    });
    // After the table's own, which forgets the selection then.
    connect(m_model, &QAbstractItemModel::modelReset, this, &MessageLogView::handleReset);
}

QAction *MessageLogView::makeAction(const QString &name, const QString &text, const QKeySequence &keys,
                                    IconName symbol)
{
    auto *action = new QAction(icon(symbol), text, this);
    action->setObjectName(name);
    action->setShortcut(keys);
    action->setShortcutContext(Qt::WindowShortcut);
    addAction(action);
    return action;
}

void MessageLogView::makeActions()
{
    m_copyAction = makeAction(u"copyMessageAction"_s, tr("&Copy"), QKeySequence::Copy, IconName::Copy);
    connect(m_copyAction, &QAction::triggered, this, [this] { copySelected(false); });
    m_copyHexAction = makeAction(u"copyMessageHexAction"_s, tr("Copy as &Hex"),
                                 QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), IconName::Copy);
    connect(m_copyHexAction, &QAction::triggered, this, [this] { copySelected(true); });
    m_exportAction = makeAction(u"exportMessagesAction"_s, tr("&Export Messages …"),
                                QKeySequence(Qt::CTRL | Qt::Key_E), IconName::Export);
    connect(m_exportAction, &QAction::triggered, this, &MessageLogView::askForExport);
    m_findAction
        = makeAction(u"findMessageAction"_s, tr("&Find in Messages"), QKeySequence::Find, IconName::Search);
    connect(m_findAction, &QAction::triggered, this, [this] {
        m_textField->setFocus(Qt::ShortcutFocusReason);
        m_textField->selectAll();
    });
    m_detailAction = makeAction(u"messageDetailAction"_s, tr("Message &Detail"),
                                QKeySequence(Qt::CTRL | Qt::Key_D), IconName::Detail);
    m_detailAction->setCheckable(true);
    m_detailAction->setChecked(true);
    connect(m_detailAction, &QAction::toggled, this, [this](bool on) {
        m_detail->setVisible(on);
        showSelected();
    });
    m_clearAction = makeAction(u"clearMessagesAction"_s, tr("C&lear Messages"),
                               QKeySequence(Qt::CTRL | Qt::Key_L), IconName::Clear);
    connect(m_clearAction, &QAction::triggered, m_model, &MessageLogModel::clear);
}

void MessageLogView::connectModel()
{
    connect(
        m_model, &QAbstractItemModel::rowsAboutToBeRemoved, this,
        [this](const QModelIndex &, int first, int last) { handleRowsAboutToBeRemoved(last - first + 1); });
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, [this] { m_table->setAutoScroll(true); });
    connect(m_model, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex &, int first, int last) { handleRowsInserted(first, last); });
    connect(m_model, &MessageLogModel::totalsChanged, this, [this] {
        if (!m_countDelay->isActive())
            m_countDelay->start();
    });
}

void MessageLogView::handleRowsAboutToBeRemoved(int count)
{
    // The current row may be among them; the table would scroll to the one that becomes current instead.
    m_table->setAutoScroll(false);
    if (m_followsEnd)
        return;
    // What is being read stays where it is.
    const QScopedValueRollback scrolling(m_scrolling, true);
    QScrollBar *bar = m_table->verticalScrollBar();
    bar->setValue(bar->value() - count * m_table->verticalHeader()->defaultSectionSize());
}

void MessageLogView::handleRowsInserted(int first, int last)
{
    if (m_followsEnd)
        return;
    m_newRows += static_cast<quint64>(last - first + 1);
    updateJumpButton();
}

void MessageLogView::handleReset()
{
    m_newRows = 0;
    // The same message again, where the filter still shows it.
    int low = 0;
    int high = m_model->rowCount();
    while (m_shownSerial && low < high) {
        const int middle = (low + high) / 2;
        if (m_model->serial(middle) < *m_shownSerial)
            low = middle + 1;
        else
            high = middle;
    }
    const bool found = m_shownSerial && low < m_model->rowCount() && m_model->serial(low) == *m_shownSerial;
    const bool followed = m_followsEnd;
    if (found)
        m_table->selectRow(low);
    if (!found || followed)
        jumpToEnd();
    else
        m_table->scrollTo(m_model->index(low, MessageLogModel::TimeColumn),
                          QAbstractItemView::PositionAtCenter);
    showSelected();
    updateCount();
    updateHint();
    updateActions();
    updateJumpButton();
}

void MessageLogView::handleScrolled(int value)
{
    if (m_scrolling)
        return;
    m_followsEnd = value >= m_table->verticalScrollBar()->maximum();
    if (m_followsEnd)
        m_newRows = 0;
    updateJumpButton();
}

bool MessageLogView::isAtEnd() const
{
    return m_followsEnd;
}

void MessageLogView::jumpToEnd()
{
    const QScopedValueRollback scrolling(m_scrolling, true);
    m_followsEnd = true;
    m_newRows = 0;
    m_table->verticalScrollBar()->setValue(m_table->verticalScrollBar()->maximum());
    updateJumpButton();
}

void MessageLogView::updateJumpButton()
{
    m_jumpButton->setVisible(!m_followsEnd);
    if (m_followsEnd)
        return;
    m_jumpButton->setText(m_newRows == 0 ? tr("Latest") : tr("Latest (%1 new)").arg(countText(m_newRows)));
    placeJumpButton();
}

void MessageLogView::placeJumpButton()
{
    const QSize size = m_jumpButton->sizeHint();
    const QRect area = m_table->viewport()->geometry();
    m_jumpButton->setGeometry(QRect(
        QPoint(area.right() + 1 - size.width() - kGrid, area.bottom() + 1 - size.height() - kGrid), size));
}

void MessageLogView::setEmptyState(IconName icon, const QString &title, const QString &hint)
{
    m_hintIcon = icon;
    m_hintTitle = title;
    m_hint = hint;
    updateHint();
}

void MessageLogView::updateHint()
{
    if (m_model->isFiltered() && m_model->storedRows() > 0) {
        m_emptyState->setText(IconName::Filter, tr("No message matches the filter"),
                              tr("Change or clear the filter to see the others (%1).")
                                  .arg(countText(static_cast<quint64>(m_model->storedRows()))));
    } else {
        m_emptyState->setText(m_hintIcon, m_hintTitle, m_hint);
    }
}

void MessageLogView::updateCount()
{
    const auto shown = static_cast<quint64>(m_model->rowCount());
    const quint64 all = m_model->totals().rows;
    const QString text = shown == all ? countText(all)
        : m_model->isFiltered()
        ? tr("%1 of %2").arg(countText(shown), countText(static_cast<quint64>(m_model->storedRows())))
        : tr("the latest %1 of %2").arg(countText(shown), countText(all));
    m_countLabel->setText(text);
    updateHint();
    updateActions();
}

void MessageLogView::updateActions()
{
    const bool some = m_table->selectionModel()->hasSelection();
    m_copyAction->setEnabled(some);
    m_copyHexAction->setEnabled(some);
    m_exportAction->setEnabled(m_model->rowCount() > 0);
    m_clearAction->setEnabled(m_model->storedRows() > 0);
}

void MessageLogView::applyFilter()
{
    m_filterDelay->stop();
    showNotice({}, false);
    if (m_clientField) {
        const QString typed = withoutOpenEnd(m_clientField->text());
        if (typed.isEmpty()) {
            m_model->setClientFilter(std::nullopt);
        } else if (const auto clients = Recipients::parse(typed)) {
            // Everyone without exception: also the rows that concern nobody in particular.
            const bool all = clients.value().isEveryone() && clients.value().ranges().empty();
            m_model->setClientFilter(all ? std::nullopt : std::optional(clients.value()));
        } else {
            showNotice(clients.error().text, true);
        }
    }
    m_model->setTextFilter(m_textField->text());
}

void MessageLogView::showClients(const std::optional<Recipients> &clients)
{
    if (!m_clientField)
        return;
    m_clientField->setText(clients ? clients->toString() : QString());
    applyFilter();
}

bool MessageLogView::isDetailVisible() const
{
    return m_detailAction->isChecked();
}

void MessageLogView::setDetailVisible(bool visible)
{
    m_detailAction->setChecked(visible);
}

void MessageLogView::showSelected()
{
    if (!isDetailVisible())
        return;
    const QItemSelectionModel *selection = m_table->selectionModel();
    const QModelIndex current = selection->currentIndex();
    if (current.isValid() && selection->isRowSelected(current.row())) {
        const quint64 serial = m_model->serial(current.row());
        if (m_shownSerial != serial)
            m_detail->showEntry(m_model->entry(current.row()));
        m_shownSerial = serial;
    } else if (m_shownSerial && (m_model->entryBySerial(*m_shownSerial) || m_model->storedRows() == 0)) {
        // Deselected or cleared. What only grew old stays until something else is selected.
        m_shownSerial.reset();
        m_detail->clear();
    }
}

std::vector<int> MessageLogView::selectedRows() const
{
    std::vector<int> rows;
    const QItemSelection selection = m_table->selectionModel()->selection();
    for (const QItemSelectionRange &range : selection) {
        for (int row = range.top(); row <= range.bottom(); ++row)
            rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

void MessageLogView::copySelected(bool asHex)
{
    const std::vector<int> rows = selectedRows();
    if (rows.empty())
        return;
    qsizetype bytes = 0;
    for (const int row : rows)
        bytes += m_model->entry(row).payload.size();
    if (bytes > kMostCopiedBytes) {
        showNotice(tr("%1 are too much for the clipboard. Export the messages instead.")
                       .arg(byteCountText(static_cast<quint64>(bytes))),
                   true);
        return;
    }
    if (rows.size() == 1 && !asHex) {
        QApplication::clipboard()->setText(copiedText(m_model->entry(rows.front())));
        return;
    }
    QStringList lines;
    for (const int row : rows) {
        const LogEntry &entry = m_model->entry(row);
        lines.append(asHex ? payloadHex(entry.payload)
                           : QString::fromUtf8(exportLine(ExportFormat::Text, entry)).chopped(1));
    }
    QApplication::clipboard()->setText(lines.join(u'\n'));
}

void MessageLogView::reply(const QModelIndex &index)
{
    if (!index.isValid())
        return;
    const quint64 client = m_model->entry(index.row()).clientId;
    if (client != 0)
        Q_EMIT replyRequested(client);
}

void MessageLogView::showMenu(const QPoint &where)
{
    const QModelIndex index = m_table->indexAt(where);
    auto *menu = new QMenu(this);
    menu->setObjectName(u"messageMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions({m_copyAction, m_copyHexAction});
    menu->addSeparator();
    const quint64 client = index.isValid() ? m_model->entry(index.row()).clientId : 0;
    if (m_clients == Clients::Many) {
        const QPersistentModelIndex row(index);
        QAction *replyAction
            = menu->addAction(icon(IconName::Send), tr("&Reply"), this, [this, row] { reply(row); });
        replyAction->setObjectName(u"replyAction"_s);
        replyAction->setEnabled(client != 0);
        QAction *onlyAction
            = menu->addAction(icon(IconName::Filter), tr("Show &Only This Client"), this,
                              [this, client] { showClients(Recipients::only({ClientId(client)})); });
        onlyAction->setObjectName(u"showOnlyThisClientAction"_s);
        onlyAction->setEnabled(client != 0);
        if (m_model->clientFilter())
            menu->addAction(tr("Show &All Clients"), this, [this] { showClients(std::nullopt); });
        menu->addSeparator();
    }
    menu->addAction(m_exportAction);
    menu->popup(m_table->viewport()->mapToGlobal(where));
}

void MessageLogView::askForExport()
{
    struct Choice
    {
        QString filter;
        QString suffix;
    };

    const QList<Choice> choices{{tr("CSV (*.csv)"), u"csv"_s},
                                {tr("JSON Lines (*.jsonl)"), u"jsonl"_s},
                                {tr("Text (*.txt)"), u"txt"_s}};
    auto *dialog = new QFileDialog(this, tr("Export Messages"), m_exportFolder);
    dialog->setObjectName(u"exportDialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    QStringList filters;
    for (const Choice &choice : choices)
        filters.append(choice.filter);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(choices.front().suffix);
    dialog->selectFile(u"messages.csv"_s);
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog, choices](const QString &filter) {
        for (const Choice &choice : choices) {
            if (choice.filter != filter)
                continue;
            dialog->setDefaultSuffix(choice.suffix);
            const QStringList files = dialog->selectedFiles();
            if (!files.isEmpty())
                dialog->selectFile(QFileInfo(files.front()).completeBaseName() + u'.' + choice.suffix);
        }
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        m_exportFolder = QFileInfo(path).absolutePath();
        exportTo(path);
    });
    dialog->open();
}

bool MessageLogView::exportTo(const QString &path)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    const ExportFormat format = suffix == "csv"_L1 ? ExportFormat::Csv
        : suffix == "jsonl"_L1                     ? ExportFormat::JsonLines
                                                   : ExportFormat::Text;
    int row = 0;
    const auto next = [this, &row]() -> const LogEntry * {
        return row < m_model->rowCount() ? &m_model->entry(row++) : nullptr;
    };
    QApplication::setOverrideCursor(Qt::WaitCursor);
    const Result<quint64> written = exportToFile(format, next, path);
    QApplication::restoreOverrideCursor();
    if (!written) {
        showNotice(written.error().text, true);
        return false;
    }
    showNotice(
        written.value() == 1
            ? tr("1 message written to %1").arg(QDir::toNativeSeparators(path))
            : tr("%1 messages written to %2").arg(countText(written.value()), QDir::toNativeSeparators(path)),
        false);
    return true;
}

void MessageLogView::showNotice(const QString &text, bool isError)
{
    m_notice->setText(text);
    m_notice->setVisible(!text.isEmpty());
    m_noticeIsError = isError;
    tint();
    m_noticeTime->stop();
    if (!text.isEmpty() && !isError)
        m_noticeTime->start(kNoticeTime);
}

bool MessageLogView::handleTableKey(QKeyEvent *event)
{
    const int rows = m_model->rowCount();
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        reply(m_table->currentIndex());
        return true;
    case Qt::Key_Escape:
        m_table->clearSelection();
        return true;
    case Qt::Key_Home:
    case Qt::Key_End:
        // In a log they mean the first and the last message, not the first and the last column.
        if (event->modifiers() != Qt::NoModifier || rows == 0)
            return false;
        m_table->selectRow(event->key() == Qt::Key_Home ? 0 : rows - 1);
        if (event->key() == Qt::Key_End)
            jumpToEnd();
        return true;
    default:
        return false;
    }
}

bool MessageLogView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        placeJumpButton();
    if (event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        if (watched == m_table && handleTableKey(key))
            return true;
        auto *field = qobject_cast<QLineEdit *>(watched);
        if (field && key->key() == Qt::Key_Escape) {
            field->clear();
            applyFilter();
            m_table->setFocus();
            return true;
        }
        if (field && key->key() == Qt::Key_Down) {
            applyFilter();
            m_table->setFocus();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void MessageLogView::changeEvent(QEvent *event)
{
    if (m_notice && (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange))
        tint();
    if (m_notice && event->type() == QEvent::FontChange)
        fitToFont();
    QWidget::changeEvent(event);
}

void MessageLogView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange();
}

/// The detail stands beside the log where the view is wide, and below it where it is high.
void MessageLogView::arrange()
{
    const auto orientation = width() > 2 * height() ? Qt::Horizontal : Qt::Vertical;
    const bool turned = orientation != m_splitter->orientation();
    m_splitter->setOrientation(orientation);
    const int length = orientation == Qt::Horizontal ? m_splitter->width() : m_splitter->height();
    const double share = m_detailShare > 0 ? m_detailShare : 0.36;
    if (turned || m_detailShare == 0) {
        const int detail = static_cast<int>(length * share);
        m_splitter->setSizes({length - detail, detail});
    }
}

void MessageLogView::fitToFont()
{
    const QFontMetrics metrics = m_table->fontMetrics();
    QHeaderView *rows = m_table->verticalHeader();
    const int height = std::max(3 * kGrid, metrics.height() + kGrid);
    rows->setMinimumSectionSize(height);
    rows->setDefaultSectionSize(height);
    m_table->setColumnWidth(MessageLogModel::TimeColumn,
                            kGrid + MessageLogDelegate::figuresWidth(metrics, u"00:00:00.000"_s));
    m_table->setColumnWidth(MessageLogModel::FromColumn, kFromWidth);
    m_table->setColumnWidth(MessageLogModel::ToColumn, kToWidth);
    m_table->setColumnWidth(MessageLogModel::SizeColumn,
                            MessageLogDelegate::figuresWidth(metrics, u"00,000 B"_s));
}

void MessageLogView::tint()
{
    const ThemeColors colors = themeColors(palette());
    setTextColor(m_countLabel, colors.muted);
    setTextColor(m_notice, m_noticeIsError ? colors.error : colors.muted);
}

QByteArray MessageLogView::saveState() const
{
    QByteArray state;
    QDataStream stream(&state, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_4);
    stream << kStateVersion << isDetailVisible() << m_detailShare;
    for (const int column : kFixedColumns)
        stream << qint32{m_table->isColumnHidden(column) ? 0 : m_table->columnWidth(column)};
    return state;
}

void MessageLogView::restoreState(const QByteArray &state)
{
    QDataStream stream(state);
    stream.setVersion(QDataStream::Qt_6_4);
    quint8 version = 0;
    bool detailVisible = true;
    double share = 0;
    std::array<qint32, kFixedColumns.size()> widths{};
    stream >> version >> detailVisible >> share;
    for (qint32 &width : widths)
        stream >> width;
    if (stream.status() != QDataStream::Ok || version != kStateVersion)
        return;
    setDetailVisible(detailVisible);
    m_detailShare = share > 0 && share < 1 ? share : 0;
    for (size_t i = 0; i < widths.size(); ++i) {
        if (widths[i] > 0 && !m_table->isColumnHidden(kFixedColumns[i]))
            m_table->setColumnWidth(kFixedColumns[i], widths[i]);
    }
    arrange();
}

} // namespace wireroom
