// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/clientspanel.h"

#include "common/widgets/emptystate.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/theme.h"
#include "server-gui/window/clientdelegate.h"
#include "server-gui/window/clienttablemodel.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDataStream>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QIODevice>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

namespace {

/// In pixels, at the width where the table fits without scrolling; wider windows give all columns their
/// share.
constexpr std::array<int, ClientTableModel::ColumnCount> kColumnWidths{64, 120, 104, 96, 104, 144, 148, 80,
                                                                       72, 72,  80,  88, 72,  80,  88,  72};
constexpr double kWidestColumns = 1.5;
constexpr quint8 kStateVersion = 3;

} // namespace

ClientsPanel::ClientsPanel(QWidget *parent) : QWidget(parent), m_model(new ClientTableModel(this))
{
    setObjectName(u"clientsPanel"_s);
    makeTable();
    makeActions();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeHeader());
    layout->addWidget(m_table, 1);

    m_filterDelay.setSingleShot(true);
    m_filterDelay.setInterval(100ms);
    connect(&m_filterDelay, &QTimer::timeout, this, &ClientsPanel::applyFilter);
    connect(&m_clock, &QTimer::timeout, this, &ClientsPanel::refreshTimes);
    m_clock.start(1s);
    connect(m_model, &ClientTableModel::countsChanged, this, &ClientsPanel::updateHints);
    tint();
    updateHints();
    updateActions();
}

QWidget *ClientsPanel::makeHeader()
{
    auto *header = new QWidget(this);
    m_title = new QLabel(u"Clients"_s, header);
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);

    m_countLabel = new QLabel(header);
    m_countLabel->setObjectName(u"clientsShown"_s);
    m_countLabel->setAccessibleName(u"Clients shown"_s);

    m_filterField = new QLineEdit(header);
    m_filterField->setObjectName(u"clientsFilter"_s);
    m_filterField->setAccessibleName(u"Filter clients"_s);
    m_filterField->setPlaceholderText(u"Filter by name, ID, state or address"_s);
    m_filterField->setClearButtonEnabled(true);
    m_filterField->addAction(icon(IconName::Filter), QLineEdit::LeadingPosition);
    m_filterField->setMinimumWidth(24 * kGrid);
    m_filterField->setMaximumWidth(36 * kGrid);
    m_filterField->installEventFilter(this);
    connect(m_filterField, &QLineEdit::textChanged, this, [this] { m_filterDelay.start(); });

    auto *layout = new QHBoxLayout(header);
    layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
    layout->setSpacing(kGrid);
    layout->addWidget(m_title);
    layout->addWidget(m_countLabel);
    layout->addStretch(1);
    layout->addWidget(m_filterField, 2);
    setTabOrder(m_filterField, m_table);
    return header;
}

void ClientsPanel::makeTable()
{
    m_table = new QTableView(this);
    m_table->setObjectName(u"clients"_s);
    m_table->setAccessibleName(u"Clients"_s);
    m_table->setModel(m_model);
    m_table->setItemDelegate(new ClientDelegate(m_table));
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setAlternatingRowColors(false);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->setMinimumHeight(8 * kGrid);

    QHeaderView *rows = m_table->verticalHeader();
    rows->setVisible(false);
    rows->setSectionResizeMode(QHeaderView::Fixed);
    rows->setMinimumSectionSize(3 * kGrid);
    rows->setDefaultSectionSize(3 * kGrid);

    QHeaderView *columns = m_table->horizontalHeader();
    columns->setObjectName(u"clientsHeader"_s);
    columns->setSectionResizeMode(QHeaderView::Interactive);
    columns->setSectionsMovable(true);
    columns->setHighlightSections(false);
    columns->setMinimumSectionSize(5 * kGrid);
    columns->setStretchLastSection(false);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(ClientTableModel::IdColumn, Qt::AscendingOrder);
    m_table->setColumnHidden(ClientTableModel::HeldBackColumn, true);
    m_table->setColumnHidden(ClientTableModel::RefusedColumn, true);
    // Beside the queue, which is about the same.
    columns->moveSection(ClientTableModel::HeldBackColumn, ClientTableModel::QueuedColumn + 1);
    columns->moveSection(columns->visualIndex(ClientTableModel::RefusedColumn),
                         ClientTableModel::QueuedColumn + 2);
    columns->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(columns, &QWidget::customContextMenuRequested, this, &ClientsPanel::showColumnMenu);
    connect(columns, &QHeaderView::sectionResized, this, [this] {
        if (!m_fitting)
            m_columnsFitted = false;
    });

    m_emptyState = new EmptyState(m_table);
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    connect(m_table, &QWidget::customContextMenuRequested, this, &ClientsPanel::showMenu);
    connect(m_table, &QAbstractItemView::doubleClicked, this, [this] { m_sendAction->trigger(); });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        updateActions();
        if (!m_rowsChanging)
            Q_EMIT selectionChosen(selectedClients());
    });
}

QAction *ClientsPanel::makeAction(const QString &name, const QString &text, const QKeySequence &keys)
{
    auto *action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcut(keys);
    return action;
}

void ClientsPanel::makeActions()
{
    m_filterAction
        = makeAction(u"filterClientsAction"_s, u"&Filter Clients"_s, QKeySequence(u"Ctrl+Shift+F"_s));
    m_filterAction->setIcon(icon(IconName::Filter));
    connect(m_filterAction, &QAction::triggered, this, [this] {
        m_filterField->setFocus(Qt::ShortcutFocusReason);
        m_filterField->selectAll();
    });

    m_sendAction = makeAction(u"sendToClientAction"_s, u"&Send to …"_s, QKeySequence(u"Ctrl+T"_s));
    m_sendAction->setIcon(icon(IconName::Send));
    connect(m_sendAction, &QAction::triggered, this, [this] { Q_EMIT sendRequested(selectedClients()); });

    m_disconnectAction = makeAction(u"disconnectClientAction"_s, u"&Disconnect"_s, QKeySequence::Delete);
    m_disconnectAction->setIcon(icon(IconName::Disconnect));
    m_disconnectAction->setShortcutContext(Qt::WidgetShortcut);
    connect(m_disconnectAction, &QAction::triggered, this,
            [this] { Q_EMIT disconnectRequested(selectedConnected()); });

    m_banAction = makeAction(u"banClientAction"_s, u"&Ban …"_s, {});
    connect(m_banAction, &QAction::triggered, this, [this] {
        if (const std::vector<ClientId> clients = selectedClients(); clients.size() == 1)
            Q_EMIT banRequested(clients.front());
    });

    m_copyAddressAction
        = makeAction(u"copyClientAddressAction"_s, u"Copy &Address"_s, QKeySequence(u"Ctrl+C"_s));
    m_copyAddressAction->setIcon(icon(IconName::Copy));
    m_copyAddressAction->setShortcutContext(Qt::WidgetShortcut);
    connect(m_copyAddressAction, &QAction::triggered, this,
            [this] { copySelected(ClientTableModel::AddressColumn, u"\n"_s); });

    m_copyIdAction = makeAction(u"copyClientIdAction"_s, u"Copy &ID"_s, {});
    connect(m_copyIdAction, &QAction::triggered, this,
            [this] { copySelected(ClientTableModel::IdColumn, u","_s); });

    m_showOnlyAction = makeAction(u"showOnlyClientAction"_s, u"Show &Only Its Messages"_s, {});
    m_showOnlyAction->setIcon(icon(IconName::Message));
    connect(m_showOnlyAction, &QAction::triggered, this,
            [this] { Q_EMIT showOnlyRequested(selectedClients()); });

    m_table->addActions({m_sendAction, m_disconnectAction, m_banAction, m_copyAddressAction, m_copyIdAction,
                         m_showOnlyAction});
}

void ClientsPanel::take(const ServerBatch &batch)
{
    {
        const QScopedValueRollback changing(m_rowsChanging, true);
        m_model->take(batch);
    }
    revealCounters(batch);
    if (!batch.events.empty())
        updateActions();
}

void ClientsPanel::revealCounters(const ServerBatch &batch)
{
    const auto reveal = [this](int column) {
        const QScopedValueRollback fitting(m_fitting, true);
        m_table->setColumnHidden(column, false);
        fitColumns();
    };
    if (!m_heldBackShown && batch.totals.heldBack > 0) {
        m_heldBackShown = true;
        reveal(ClientTableModel::HeldBackColumn);
    }
    if (!m_refusedShown
        && std::any_of(batch.counters.begin(), batch.counters.end(),
                       [](const ClientCounters &counters) { return counters.refused > 0; })) {
        m_refusedShown = true;
        reveal(ClientTableModel::RefusedColumn);
    }
}

void ClientsPanel::clear()
{
    const QScopedValueRollback changing(m_rowsChanging, true);
    m_model->clear();
    updateActions();
}

void ClientsPanel::applyFilter()
{
    const QScopedValueRollback changing(m_rowsChanging, true);
    m_filterDelay.stop();
    m_model->setFilterText(m_filterField->text());
    updateHints();
}

void ClientsPanel::setEmptyState(IconName icon, const QString &title, const QString &hint)
{
    m_hintIcon = icon;
    m_hintTitle = title;
    m_hint = hint;
    updateHints();
}

void ClientsPanel::updateHints()
{
    const auto connected = static_cast<quint64>(m_model->connectedCount());
    const auto offline = static_cast<quint64>(m_model->offlineCount());
    const auto shown = static_cast<quint64>(m_model->rowCount());
    const bool filtered = !m_model->filterText().isEmpty();
    if (filtered)
        m_countLabel->setText(u"%1 of %2"_s.arg(countText(shown), countText(connected + offline)));
    else if (offline > 0)
        m_countLabel->setText(u"%1 connected, %2 offline"_s.arg(countText(connected), countText(offline)));
    else
        m_countLabel->setText(countText(connected));
    if (filtered && connected + offline > 0) {
        m_emptyState->setText(IconName::Filter, u"No client matches “%1”"_s.arg(m_model->filterText()),
                              u"Change or clear the filter to see the others."_s);
    } else {
        m_emptyState->setText(m_hintIcon, m_hintTitle, m_hint);
    }
}

std::vector<ClientId> ClientsPanel::selectedClients() const
{
    std::vector<ClientId> clients;
    const QItemSelection selection = m_table->selectionModel()->selection();
    for (const QItemSelectionRange &range : selection) {
        for (int row = range.top(); row <= range.bottom(); ++row) {
            if (const auto id = m_model->clientAt(row))
                clients.push_back(*id);
        }
    }
    std::sort(clients.begin(), clients.end());
    clients.erase(std::unique(clients.begin(), clients.end()), clients.end());
    return clients;
}

std::vector<ClientId> ClientsPanel::selectedConnected() const
{
    std::vector<ClientId> clients = selectedClients();
    std::erase_if(clients, [this](ClientId id) { return !m_model->isConnected(id); });
    return clients;
}

void ClientsPanel::updateActions()
{
    const bool some = m_table->selectionModel()->hasSelection();
    for (QAction *action : {m_sendAction, m_copyIdAction, m_showOnlyAction})
        action->setEnabled(some);
    m_banAction->setEnabled(some && selectedClients().size() == 1);
    const bool someConnected = some && !selectedConnected().empty();
    for (QAction *action : {m_disconnectAction, m_copyAddressAction})
        action->setEnabled(someConnected);
}

void ClientsPanel::showMenu(const QPoint &where)
{
    if (!m_table->selectionModel()->hasSelection())
        return;
    auto *menu = new QMenu(this);
    menu->setObjectName(u"clientMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(m_sendAction);
    menu->addAction(m_showOnlyAction);
    menu->addSeparator();
    menu->addActions({m_copyAddressAction, m_copyIdAction});
    menu->addSeparator();
    menu->addActions({m_disconnectAction, m_banAction});
    menu->popup(m_table->viewport()->mapToGlobal(where));
}

void ClientsPanel::showColumnMenu(const QPoint &where)
{
    auto *menu = new QMenu(this);
    menu->setObjectName(u"columnMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (int column = 0; column < ClientTableModel::ColumnCount; ++column) {
        QAction *action
            = menu->addAction(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setCheckable(true);
        action->setChecked(!m_table->isColumnHidden(column));
        action->setEnabled(column != ClientTableModel::IdColumn);
        connect(action, &QAction::toggled, m_table, [this, column](bool shown) {
            const QScopedValueRollback fitting(m_fitting, true);
            m_table->setColumnHidden(column, !shown);
            fitColumns();
        });
    }
    menu->popup(m_table->horizontalHeader()->mapToGlobal(where));
}

void ClientsPanel::copySelected(int column, const QString &separator)
{
    QStringList parts;
    const std::vector<ClientId> clients
        = column == ClientTableModel::AddressColumn ? selectedConnected() : selectedClients();
    for (const ClientId id : clients)
        parts.append(m_model->index(m_model->rowOf(id), column).data().toString());
    QApplication::clipboard()->setText(parts.join(separator));
}

void ClientsPanel::refreshTimes()
{
    if (m_model->rowCount() == 0 || !m_table->isVisible())
        return;
    const int first = std::max(m_table->rowAt(0), 0);
    const int last = m_table->rowAt(m_table->viewport()->height() - 1);
    m_model->refreshTimes(first, last < 0 ? m_model->rowCount() - 1 : last);
}

void ClientsPanel::fitColumns()
{
    if (!m_columnsFitted)
        return;
    const QScopedValueRollback fitting(m_fitting, true);
    int wanted = 0;
    for (size_t column = 0; column < kColumnWidths.size(); ++column)
        wanted += m_table->isColumnHidden(static_cast<int>(column)) ? 0 : kColumnWidths[column];
    const double scale
        = std::clamp(static_cast<double>(m_table->viewport()->width()) / wanted, 1.0, kWidestColumns);
    for (size_t column = 0; column < kColumnWidths.size(); ++column) {
        if (!m_table->isColumnHidden(static_cast<int>(column)))
            m_table->setColumnWidth(static_cast<int>(column),
                                    static_cast<int>(kColumnWidths[column] * scale));
    }
}

QByteArray ClientsPanel::saveState() const
{
    QByteArray state;
    QDataStream stream(&state, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_4);
    stream << kStateVersion << m_columnsFitted << m_table->horizontalHeader()->saveState();
    return state;
}

void ClientsPanel::restoreState(const QByteArray &state)
{
    QDataStream stream(state);
    stream.setVersion(QDataStream::Qt_6_4);
    quint8 version = 0;
    bool fitted = true;
    QByteArray header;
    stream >> version >> fitted >> header;
    if (stream.status() != QDataStream::Ok || version != kStateVersion)
        return;
    const QScopedValueRollback fitting(m_fitting, true);
    m_table->horizontalHeader()->restoreState(header);
    m_columnsFitted = fitted;
    fitColumns();
}

void ClientsPanel::tint()
{
    QPalette quiet = m_countLabel->palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    m_countLabel->setPalette(quiet);
}

void ClientsPanel::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        tint();
}

bool ClientsPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        fitColumns();
    if (watched == m_table
        && (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress)) {
        // Del and Ctrl+C mean the selected clients here, whatever they are shortcuts for in the rest of the
        // window.
        const auto *key = static_cast<QKeyEvent *>(event);
        QAction *action = key->matches(QKeySequence::Copy)                       ? m_copyAddressAction
            : key->key() == Qt::Key_Delete && key->modifiers() == Qt::NoModifier ? m_disconnectAction
                                                                                 : nullptr;
        if (action) {
            if (event->type() == QEvent::KeyPress)
                action->trigger();
            event->accept();
            return true;
        }
    }
    if (event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (watched == m_table && key->key() == Qt::Key_Escape) {
            m_table->clearSelection();
            return true;
        }
        if (watched == m_table && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter)) {
            m_sendAction->trigger();
            return true;
        }
        if (watched == m_filterField && key->key() == Qt::Key_Escape) {
            m_filterField->clear();
            m_table->setFocus();
            return true;
        }
        if (watched == m_filterField && key->key() == Qt::Key_Down) {
            applyFilter();
            m_table->setFocus();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace wireroom
