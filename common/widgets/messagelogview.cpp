// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messagelogview.h"

#include "common/base/payloadtext.h"
#include "common/widgets/emptystate.h"
#include "common/widgets/messagedetail.h"
#include "common/widgets/messageexport.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogtable.h"
#include "common/widgets/numbertext.h"
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
#include <QIODevice>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSplitter>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

constexpr quint8 kStateVersion = 1;
/// Of the splitter, where the user has not chosen otherwise.
constexpr double kDetailShare = 0.34;
/// From this width on, the detail stands beside the log also while nothing is selected.
constexpr int kRoomyWidth = 120 * kGrid;
/// Of the column that has names and IDs of many clients.
constexpr int kNamesWidth = 17 * kGrid;
constexpr auto kFilterDelay = 150ms;
constexpr auto kCountDelay = 100ms;
constexpr auto kNoticeTime = 8s;
/// The largest texts that are put on the clipboard; more than that belongs into a file.
constexpr qsizetype kMostCopiedBytes = 64 * 1024 * 1024;

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
    m_splitter = new QSplitter(this);
    m_splitter->setObjectName(u"messageLogSplitter"_s);
    m_splitter->setChildrenCollapsible(false);
    m_table = new MessageLogTable(m_model, this);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->setColumnHidden(MessageLogModel::ToColumn, clients == Clients::One);
    if (clients == Clients::Many)
        m_table->setColumnWidth(MessageLogModel::FromColumn, kNamesWidth);
    m_emptyState = new EmptyState(m_table);
    m_detail = new MessageDetail(this);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_detail);
    makeActions();
    QWidget *filterBar = makeFilterBar();

    m_notice = new QLabel(this);
    m_notice->setObjectName(u"messagesNotice"_s);
    m_notice->setTextFormat(Qt::PlainText);
    m_notice->setWordWrap(true);
    m_notice->setContentsMargins(2 * kGrid, 0, 2 * kGrid, kGrid);
    m_notice->hide();

    m_olderBar = new OlderBar(this);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(filterBar);
    layout->addWidget(m_notice);
    layout->addWidget(m_olderBar);
    layout->addWidget(m_splitter, 1);

    m_noticeTime = new QTimer(this);
    m_noticeTime->setSingleShot(true);
    connect(m_noticeTime, &QTimer::timeout, this, [this] { showNotice({}, false); });

    connectParts();
    tint();
    updateCount();
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
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
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

void MessageLogView::connectParts()
{
    connect(m_table, &QWidget::customContextMenuRequested, this, &MessageLogView::showMenu);
    connect(m_table, &MessageLogTable::rowActivated, this, &MessageLogView::reply);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        showSelected();
        updateActions();
    });
    // After the table's own, which forgets the selection then.
    connect(m_model, &QAbstractItemModel::modelReset, this, &MessageLogView::handleReset);
    connect(m_model, &MessageLogModel::filterChanged, this, &MessageLogView::updateOlder);
    connect(m_table, &MessageLogTable::startReached, this, [this] {
        if (m_older == OlderBar::State::More)
            Q_EMIT olderRequested();
    });
    connect(m_olderBar, &OlderBar::olderRequested, this, &MessageLogView::olderRequested);
    connect(m_olderBar, &OlderBar::leaveRequested, this, &MessageLogView::clearFilters);
    connect(m_model, &MessageLogModel::totalsChanged, this, [this] {
        updateDetail();
        if (!m_countDelay->isActive())
            m_countDelay->start();
    });
    connect(m_splitter, &QSplitter::splitterMoved, this, [this] {
        const QList<int> sizes = m_splitter->sizes();
        m_detailShare = static_cast<double>(sizes[1]) / std::max(1, sizes[0] + sizes[1]);
    });
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
    connect(m_detailAction, &QAction::toggled, this, &MessageLogView::updateDetail);
    m_clearAction = makeAction(u"clearMessagesAction"_s, tr("C&lear Messages"),
                               QKeySequence(Qt::CTRL | Qt::Key_L), IconName::Clear);
    connect(m_clearAction, &QAction::triggered, m_model, &MessageLogModel::clear);
}

QTableView *MessageLogView::table() const
{
    return m_table;
}

bool MessageLogView::isAtEnd() const
{
    return m_table->isAtEnd();
}

void MessageLogView::jumpToEnd()
{
    m_table->jumpToEnd();
}

void MessageLogView::handleReset()
{
    // The same message again, where the filter still shows it.
    m_table->selectSerial(m_shownSerial);
    if (!m_table->selectedSerial())
        m_table->jumpToEnd();
    showSelected();
    updateCount();
}

void MessageLogView::setEmptyState(IconName icon, const QString &title, const QString &hint)
{
    m_hintIcon = icon;
    m_hintTitle = title;
    m_hint = hint;
    updateHint();
}

void MessageLogView::setOlder(std::optional<OlderBar::State> state)
{
    if (state == m_older)
        return;
    m_older = state;
    m_textField->setToolTip(state ? tr("Show only messages that contain this; the whole history is searched")
                                  : tr("Show only messages that contain this, as text or as hex"));
    updateOlder();
    updateCount();
}

void MessageLogView::setReadClients(ReadClients read, const QString &toolTip)
{
    m_readClients = std::move(read);
    if (m_clientField)
        m_clientField->setToolTip(toolTip);
}

void MessageLogView::updateOlder()
{
    m_olderBar->setState(m_older.value_or(OlderBar::State::Nothing), m_older && m_model->isFiltered());
    updateHint();
}

void MessageLogView::clearFilters()
{
    m_textField->clear();
    if (m_clientField)
        m_clientField->clear();
    applyFilter();
    m_table->setFocus();
}

void MessageLogView::updateHint()
{
    if (m_model->isFiltered() && m_older == OlderBar::State::Loading) {
        m_emptyState->setText(IconName::Search, tr("Searching the history …"), {});
    } else if (m_model->isFiltered() && m_older) {
        m_emptyState->setText(IconName::Filter, tr("No message matches the filter"),
                              m_older == OlderBar::State::Nothing
                                  ? tr("Nor does one in the history. Change or clear the filter.")
                                  : tr("Change or clear the filter."));
    } else if (m_model->isFiltered() && m_model->storedRows() > 0) {
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
    const QString text = m_older && m_model->isFiltered()
        ? (m_older == OlderBar::State::Nothing ? tr("%1 found") : tr("%1 found so far")).arg(countText(shown))
        : shown == all ? countText(all)
        : m_model->isFiltered()
        ? tr("%1 of %2").arg(countText(shown), countText(static_cast<quint64>(m_model->storedRows())))
        : tr("the latest %1 of %2").arg(countText(shown), countText(all));
    m_countLabel->setText(text);
    updateHint();
    updateActions();
    updateDetail();
}

/// An empty log has nothing to show in full, and a narrow one has no room for an invitation.
void MessageLogView::updateDetail()
{
    const bool roomy = m_splitter->orientation() == Qt::Vertical || width() >= kRoomyWidth;
    m_detail->setVisible(isDetailVisible() && m_model->storedRows() > 0 && (m_shownSerial || roomy));
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
        } else if (const auto clients = m_readClients ? m_readClients(typed) : Recipients::parse(typed)) {
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
    // What only grows old stays until something else is selected.
    if (m_table->isLosingRows())
        return;
    const std::optional<quint64> selected = m_table->selectedSerial();
    if (selected) {
        if (selected != m_shownSerial)
            m_detail->showEntry(*m_model->entryBySerial(*selected));
        m_shownSerial = selected;
    } else if (m_shownSerial && (m_model->entryBySerial(*m_shownSerial) || m_model->storedRows() == 0)) {
        // Deselected or cleared, not dropped.
        m_shownSerial.reset();
        m_detail->clear();
    }
    updateDetail();
}

void MessageLogView::copySelected(bool asHex)
{
    const std::vector<int> rows = m_table->selectedRows();
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

void MessageLogView::reply(int row)
{
    const quint64 client = m_model->entry(row).clientId;
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
        QAction *replyAction = menu->addAction(icon(IconName::Send), tr("&Reply"), this,
                                               [this, client] { Q_EMIT replyRequested(client); });
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

bool MessageLogView::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
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
    const double share = m_detailShare > 0 ? m_detailShare : kDetailShare;
    if (turned || m_detailShare == 0) {
        const int detail = static_cast<int>(length * share);
        m_splitter->setSizes({length - detail, detail});
    }
    updateDetail();
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
    const std::vector<int> widths = m_table->columnWidths();
    stream << kStateVersion << isDetailVisible() << m_detailShare
           << QList<qint32>(widths.begin(), widths.end());
    return state;
}

void MessageLogView::restoreState(const QByteArray &state)
{
    QDataStream stream(state);
    stream.setVersion(QDataStream::Qt_6_4);
    quint8 version = 0;
    bool detailVisible = true;
    double share = 0;
    QList<qint32> widths;
    stream >> version >> detailVisible >> share >> widths;
    if (stream.status() != QDataStream::Ok || version != kStateVersion)
        return;
    setDetailVisible(detailVisible);
    m_detailShare = share > 0 && share < 1 ? share : 0;
    m_table->setColumnWidths(std::vector<int>(widths.begin(), widths.end()));
    arrange();
}

} // namespace wireroom
