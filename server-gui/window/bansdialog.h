// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/window/bandialog.h"

class QAbstractItemModel;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;
class QTabWidget;

namespace wireroom {

class BanModel;
class ChatServer;
class EmptyState;
class RefusalModel;
struct ServerTotals;

/// Who is banned, with a way to lift it, and who was turned away of late, with a way to ban it.
///
/// Owner: the server window; stays open beside it. Thread: GUI.
class BansDialog : public QDialog
{
    Q_OBJECT

public:
    /// `shown`: how a client is called elsewhere in the window.
    BansDialog(ChatServer *server, RefusalModel *refusals, std::function<QString(ClientId)> shown,
               QWidget *parent = nullptr);

    /// The bans may have changed, or the server has started or stopped.
    void refresh();
    void showTotals(const ServerTotals &totals);

    /// Asks for the rest and bans; what the server says against it is shown in `parent`'s name.
    static void ask(ChatServer *server, const BanDialog::Proposal &proposal, QWidget *parent);

private:
    QTableView *makeTable(const QString &objectName, const QString &name, QAbstractItemModel *model,
                          std::initializer_list<int> widths);
    QPushButton *makeButton(const QString &text, const QString &objectName, const QString &name);
    QWidget *makeBans();
    QWidget *makeRefusals();
    void lift();
    void updateButtons();
    void updateTitles();

    ChatServer *m_server;
    BanModel *m_bans;
    RefusalModel *m_refusals;
    QSortFilterProxyModel *m_sorted = nullptr;
    QTabWidget *m_tabs = nullptr;
    QTableView *m_banTable = nullptr;
    QTableView *m_refusalTable = nullptr;
    EmptyState *m_noBans = nullptr;
    QPushButton *m_lift = nullptr;
    QPushButton *m_banNew = nullptr;
    QPushButton *m_banAddress = nullptr;
    QPushButton *m_clear = nullptr;
    QLabel *m_totals = nullptr;
};

} // namespace wireroom
