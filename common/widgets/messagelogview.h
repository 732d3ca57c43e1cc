// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"
#include "common/widgets/icons.h"
#include "common/widgets/olderbar.h"

#include <QWidget>

#include <functional>
#include <optional>

class QAction;
class QKeySequence;
class QLabel;
class QLineEdit;
class QSplitter;
class QTableView;
class QTimer;

namespace wireroom {

class EmptyState;
class MessageDetail;
class MessageLogModel;
class MessageLogTable;

/// The message log: filters, the table, and the selected message in full.
///
/// Owner: its parent widget; the model is the window's and lives longer. Thread: GUI. Follows new rows only
/// while it is at the end. Its actions belong into the window's menus, where their shortcuts are seen.
class MessageLogView : public QWidget
{
    Q_OBJECT

public:
    enum class Clients {
        One,  ///< the other side is always the same: no client filter, no To column
        Many, ///< a filter by client and both columns
    };

    MessageLogView(MessageLogModel *model, Clients clients, QWidget *parent = nullptr);

    MessageLogModel *model() const { return m_model; }

    QTableView *table() const;

    /// What to do next, shown while there are no rows. (While a filter hides them all, the view says so by
    /// itself.)
    void setEmptyState(IconName icon, const QString &title, const QString &hint);

    /// What of the history could be put in front of the rows; nothing where there is no history.
    void setOlder(std::optional<OlderBar::State> state);

    /// Reads what is typed as clients; Recipients::parse() otherwise.
    using ReadClients = std::function<Result<Recipients>(const QString &)>;
    void setReadClients(ReadClients read, const QString &toolTip);

    void showError(const QString &text) { showNotice(text, true); }

    /// Sets the client filter as if it had been typed; nothing: all.
    void showClients(const std::optional<Recipients> &clients);

    bool isDetailVisible() const;
    void setDetailVisible(bool visible);

    /// True while new rows are followed.
    bool isAtEnd() const;
    void jumpToEnd();

    /// Column widths, the detail pane and its share; for QSettings.
    QByteArray saveState() const;
    void restoreState(const QByteArray &state);

    /// For the window's menus.
    QAction *copyAction() const { return m_copyAction; } ///< Ctrl+C

    QAction *copyHexAction() const { return m_copyHexAction; } ///< Ctrl+Shift+C

    QAction *exportAction() const { return m_exportAction; } ///< Ctrl+E, asks for a file

    QAction *findAction() const { return m_findAction; } ///< Ctrl+F, goes to the text filter

    QAction *detailAction() const { return m_detailAction; } ///< Ctrl+D, checkable

    QAction *clearAction() const { return m_clearAction; } ///< Ctrl+L

    /// Writes what the filter shows. The file's ending chooses the format: .csv, .jsonl, anything else is
    /// text. What came of it is shown in the view. False where it failed.
    bool exportTo(const QString &path);

Q_SIGNALS:
    /// A row of this client was double-clicked or "Reply" chosen; for the composer's To field.
    void replyRequested(quint64 clientId);
    /// For more of the history: a person pressed the button or scrolled to the first row.
    void olderRequested();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *makeFilterBar();
    QAction *makeAction(const QString &name, const QString &text, const QKeySequence &keys, IconName symbol);
    void makeActions();
    void connectParts();
    void applyFilter();
    void handleReset();
    void showSelected();
    void showMenu(const QPoint &where);
    void askForExport();
    void showNotice(const QString &text, bool isError);
    void reply(int row);
    void copySelected(bool asHex);
    void updateCount();
    void updateHint();
    void updateOlder();
    void clearFilters();
    void updateActions();
    void updateDetail();
    void arrange();
    void tint();

    MessageLogModel *m_model;
    const Clients m_clients;
    QLineEdit *m_clientField = nullptr;
    QLineEdit *m_textField = nullptr;
    QLabel *m_countLabel = nullptr;
    QLabel *m_notice = nullptr;
    OlderBar *m_olderBar = nullptr;
    std::optional<OlderBar::State> m_older;
    ReadClients m_readClients;
    MessageLogTable *m_table = nullptr;
    EmptyState *m_emptyState = nullptr;
    QSplitter *m_splitter = nullptr;
    MessageDetail *m_detail = nullptr;
    QTimer *m_filterDelay = nullptr;
    QTimer *m_countDelay = nullptr; ///< a count that changes with each batch cannot be read
    QTimer *m_noticeTime = nullptr;
    QAction *m_copyAction = nullptr;
    QAction *m_copyHexAction = nullptr;
    QAction *m_exportAction = nullptr;
    QAction *m_findAction = nullptr;
    QAction *m_detailAction = nullptr;
    QAction *m_clearAction = nullptr;

    IconName m_hintIcon = IconName::Message;
    QString m_hintTitle;
    QString m_hint;
    bool m_noticeIsError = false;
    std::optional<quint64> m_shownSerial; ///< of the message in the detail pane
    double m_detailShare = 0;             ///< of the splitter; 0: as we think fit
    QString m_exportFolder;
};

} // namespace wireroom
