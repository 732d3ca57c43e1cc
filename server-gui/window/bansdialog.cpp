// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/bansdialog.h"

#include "common/widgets/emptystate.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/rule.h"
#include "server-gui/core/chatserver.h"
#include "server-gui/window/banmodel.h"
#include "server-gui/window/celldelegate.h"
#include "server-gui/window/refusalmodel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr QSize kFirstSize{96 * kGrid, 56 * kGrid};

void showRefusal(QWidget *parent, const QString &title, const QString &text)
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, title, text, QMessageBox::Ok, parent);
    box->setObjectName(u"banRefused"_s);
    box->setTextFormat(Qt::PlainText);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->button(QMessageBox::Ok)->setIcon({});
    box->open();
}

} // namespace

BansDialog::BansDialog(ChatServer *server, RefusalModel *refusals, std::function<QString(ClientId)> shown,
                       QWidget *parent)
    : QDialog(parent), m_server(server), m_bans(new BanModel(std::move(shown), this)), m_refusals(refusals)
{
    setObjectName(u"bansDialog"_s);
    setWindowTitle(u"Bans and Refusals"_s);
    resize(kFirstSize);
    m_tabs = new QTabWidget(this);
    m_tabs->setObjectName(u"bansPages"_s);
    m_tabs->setAccessibleName(u"Pages"_s);
    m_tabs->tabBar()->setAccessibleName(u"Pages"_s);
    m_tabs->setDocumentMode(true);
    m_tabs->tabBar()->setDrawBase(false);
    m_tabs->addTab(makeBans(), {});
    m_tabs->addTab(makeRefusals(), {});

    m_totals = new QLabel(this);
    m_totals->setObjectName(u"refusalTotals"_s);
    m_totals->setWordWrap(true);
    QPalette quiet = m_totals->palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    m_totals->setPalette(quiet);
    QPushButton *close = makeButton(u"Close"_s, u"bansClose"_s, u"Close"_s);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    auto *foot = new QHBoxLayout;
    foot->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
    foot->addWidget(m_totals, 1);
    foot->addWidget(close);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kGrid, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(new Rule(this));
    layout->addLayout(foot);

    for (const QAbstractItemModel *model :
         {static_cast<QAbstractItemModel *>(m_bans), static_cast<QAbstractItemModel *>(m_refusals)}) {
        connect(model, &QAbstractItemModel::modelReset, this, &BansDialog::updateTitles);
        connect(model, &QAbstractItemModel::rowsInserted, this, &BansDialog::updateTitles);
    }
    showTotals({});
    updateTitles();
    refresh();
}

QTableView *BansDialog::makeTable(const QString &objectName, const QString &name, QAbstractItemModel *model,
                                  std::initializer_list<int> widths)
{
    auto *table = new QTableView(this);
    table->setObjectName(objectName);
    table->setAccessibleName(name);
    table->setModel(model);
    table->setItemDelegate(new CellDelegate(table));
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->verticalHeader()->setVisible(false);
    table->verticalHeader()->setDefaultSectionSize(3 * kGrid);
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    int column = 0;
    for (const int width : widths)
        table->setColumnWidth(column++, width);
    connect(table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &BansDialog::updateButtons);
    return table;
}

QPushButton *BansDialog::makeButton(const QString &text, const QString &objectName, const QString &name)
{
    auto *button = new QPushButton(text, this);
    button->setObjectName(objectName);
    button->setAccessibleName(name);
    button->setAutoDefault(false);
    return button;
}

namespace {

QWidget *pageOf(QTableView *table, std::initializer_list<QPushButton *> buttons, QWidget *parent)
{
    auto *page = new QWidget(parent);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
    bar->setSpacing(kGrid);
    for (QPushButton *button : buttons)
        bar->addWidget(button);
    bar->addStretch(1);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(table, 1);
    layout->addWidget(new Rule(page));
    layout->addLayout(bar);
    return page;
}

} // namespace

QWidget *BansDialog::makeBans()
{
    m_banTable = makeTable(u"bans"_s, u"Bans"_s, m_bans, {20 * kGrid, 18 * kGrid, 18 * kGrid});
    m_noBans = new EmptyState(m_banTable);
    m_lift = makeButton(u"&Lift"_s, u"liftBan"_s, u"Lift the ban"_s);
    m_lift->setToolTip(u"Lets the selected one in again"_s);
    connect(m_lift, &QPushButton::clicked, this, &BansDialog::lift);
    m_banNew = makeButton(u"&Ban …"_s, u"banNew"_s, u"Ban somebody"_s);
    connect(m_banNew, &QPushButton::clicked, this, [this] { ask(m_server, {}, this); });
    return pageOf(m_banTable, {m_lift, m_banNew}, m_tabs);
}

QWidget *BansDialog::makeRefusals()
{
    m_sorted = new QSortFilterProxyModel(this);
    m_sorted->setSourceModel(m_refusals);
    m_sorted->setSortRole(RefusalModel::SortRole);
    m_refusalTable = makeTable(u"refusals"_s, u"Refusals"_s, m_sorted, {19 * kGrid, 18 * kGrid, 9 * kGrid});
    m_refusalTable->setSortingEnabled(true);
    m_refusalTable->sortByColumn(RefusalModel::TimeColumn, Qt::DescendingOrder);
    (new EmptyState(m_refusalTable))
        ->setText(IconName::Disconnect, u"Nobody was turned away"_s,
                  u"Who is over a limit, banned, or not to be understood is listed here."_s);
    m_banAddress = makeButton(u"&Ban Its Address …"_s, u"banRefused"_s, u"Ban its address"_s);
    connect(m_banAddress, &QPushButton::clicked, this, [this] {
        const QModelIndex row = m_sorted->mapToSource(m_refusalTable->currentIndex());
        BanDialog::Proposal proposal;
        proposal.address = m_refusals->addressAt(row.row());
        ask(m_server, proposal, this);
    });
    m_clear = makeButton(u"&Clear"_s, u"clearRefusals"_s, u"Clear the list"_s);
    connect(m_clear, &QPushButton::clicked, m_refusals, &RefusalModel::clear);
    return pageOf(m_refusalTable, {m_banAddress, m_clear}, m_tabs);
}

void BansDialog::refresh()
{
    const bool listens = m_server->state() == ChatServer::State::Listening;
    m_noBans->setText(IconName::Clients, listens ? u"Nobody is banned"_s : u"Not listening"_s,
                      listens ? u"Ban somebody here, or by the menu of a client in the table."_s
                              : u"Bans are shown and changed while the server listens."_s);
    if (!listens) {
        m_bans->setBans({});
        updateButtons();
        return;
    }
    m_server->listBans([dialog = QPointer(this)](const Result<std::vector<Ban>> &bans) {
        if (!dialog || !bans)
            return;
        dialog->m_bans->setBans(bans.value());
        dialog->updateButtons();
    });
}

void BansDialog::showTotals(const ServerTotals &totals)
{
    m_totals->setText(
        u"Since the window was opened: %1 turned away, %2 times a client was held back, %3 slow readers dropped"_s
            .arg(countText(totals.refused), countText(totals.heldBack), countText(totals.slowDropped)));
}

void BansDialog::updateTitles()
{
    const auto title = [](const QString &text, int count) {
        return count == 0 ? text : u"%1 (%2)"_s.arg(text, countText(static_cast<quint64>(count)));
    };
    m_tabs->setTabText(0, title(u"Banned"_s, m_bans->rowCount()));
    m_tabs->setTabText(1, title(u"Turned Away"_s, m_refusals->rowCount()));
    updateButtons();
}

void BansDialog::updateButtons()
{
    const bool listens = m_server->state() == ChatServer::State::Listening;
    m_banNew->setEnabled(listens);
    m_lift->setEnabled(listens && m_banTable->selectionModel()->hasSelection());
    m_banAddress->setEnabled(listens && m_refusalTable->selectionModel()->hasSelection());
    m_clear->setEnabled(m_refusals->rowCount() > 0);
}

void BansDialog::lift()
{
    const QModelIndex row = m_banTable->currentIndex();
    if (!row.isValid())
        return;
    m_server->unban(m_bans->at(row.row()).who, [dialog = QPointer(this)](const Result<Ban> &lifted) {
        if (dialog && !lifted)
            showRefusal(dialog, u"Lift a Ban"_s, lifted.error().text);
    });
}

void BansDialog::ask(ChatServer *server, const BanDialog::Proposal &proposal, QWidget *parent)
{
    auto *dialog = new BanDialog(proposal, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, parent, [server, dialog, parent] {
        server->ban(dialog->who(), dialog->reason(), dialog->time(),
                    [window = QPointer(parent)](const Result<BanReport> &report) {
                        if (window && !report)
                            showRefusal(window, u"Ban"_s, report.error().text);
                    });
    });
    dialog->open();
}

} // namespace wireroom
