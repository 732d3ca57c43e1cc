// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"
#include "common/widgets/icons.h"

#include <QTimer>
#include <QWidget>

#include <vector>

class QAction;
class QLabel;
class QLineEdit;
class QTableView;

namespace wireroom {

class ClientTableModel;
class EmptyState;
struct ServerBatch;

/// The table of clients with its filter field and what can be done to the selected ones.
///
/// Owner: the server window. Thread: GUI. Does nothing to clients itself: it asks by its signals.
class ClientsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ClientsPanel(QWidget *parent = nullptr);

    ClientTableModel *model() const { return m_model; }

    QTableView *table() const { return m_table; }

    void take(const ServerBatch &batch);
    void clear();

    /// What to do next, while no client is connected.
    void setEmptyState(IconName icon, const QString &title, const QString &hint);

    /// In the order of the IDs.
    std::vector<ClientId> selectedClients() const;

    /// Of those, who is connected.
    std::vector<ClientId> selectedConnected() const;

    /// Column widths and order of sorting; for QSettings.
    QByteArray saveState() const;
    void restoreState(const QByteArray &state);

    /// For the window's menus.
    QAction *filterAction() const { return m_filterAction; }

    QAction *sendAction() const { return m_sendAction; }

    QAction *disconnectAction() const { return m_disconnectAction; }

    QAction *banAction() const { return m_banAction; }

    QAction *copyAddressAction() const { return m_copyAddressAction; }

    QAction *copyIdAction() const { return m_copyIdAction; }

    QAction *showOnlyAction() const { return m_showOnlyAction; }

Q_SIGNALS:
    /// A person changed the selection; not when clients leave or the filter hides them.
    void selectionChosen(const std::vector<wireroom::ClientId> &clients);
    void sendRequested(const std::vector<wireroom::ClientId> &clients);
    void banRequested(wireroom::ClientId client);
    void disconnectRequested(const std::vector<wireroom::ClientId> &clients);
    void showOnlyRequested(const std::vector<wireroom::ClientId> &clients);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    QWidget *makeHeader();
    void makeTable();
    void makeActions();
    QAction *makeAction(const QString &name, const QString &text, const QKeySequence &keys);
    void fitColumns();
    void tint();
    void applyFilter();
    void updateHints();
    void updateActions();
    void showMenu(const QPoint &where);
    void showColumnMenu(const QPoint &where);
    void copySelected(int column, const QString &separator);
    void refreshTimes();
    /// Columns that mostly have nothing to say are shown once they do.
    void revealCounters(const ServerBatch &batch);

    ClientTableModel *m_model;
    QLabel *m_title = nullptr;
    QLabel *m_countLabel = nullptr;
    QLineEdit *m_filterField = nullptr;
    QTableView *m_table = nullptr;
    EmptyState *m_emptyState = nullptr;
    QAction *m_filterAction = nullptr;
    QAction *m_sendAction = nullptr;
    QAction *m_disconnectAction = nullptr;
    QAction *m_banAction = nullptr;
    QAction *m_copyAddressAction = nullptr;
    QAction *m_copyIdAction = nullptr;
    QAction *m_showOnlyAction = nullptr;
    QTimer m_clock;
    QTimer m_filterDelay;

    IconName m_hintIcon = IconName::Clients;
    QString m_hintTitle;
    QString m_hint;
    bool m_rowsChanging = false; ///< the selection changes because rows come or go
    bool m_columnsFitted = true; ///< widths follow the window until a person drags one
    bool m_fitting = false;
    bool m_heldBackShown = false; ///< the column was revealed once; whoever hides it then means it
    bool m_refusedShown = false;
};

} // namespace wireroom
