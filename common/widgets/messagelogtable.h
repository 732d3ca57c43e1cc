// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTableView>

#include <optional>
#include <vector>

class QPushButton;

namespace wireroom {

class MessageLogModel;

/// The rows of a message log. New ones are followed only while the table is at its end; otherwise what is
/// being read stays where it is, also while old rows go, and a button leads to the newest.
///
/// Owner: its parent widget; the model lives longer. Thread: GUI.
class MessageLogTable : public QTableView
{
    Q_OBJECT

public:
    MessageLogTable(MessageLogModel *model, QWidget *parent);

    bool isAtEnd() const { return m_followsEnd; }

    void jumpToEnd();

    /// While old rows go, which takes their selection away, though nobody deselected them.
    bool isLosingRows() const { return m_losingRows; }

    /// The row under the pointer, or -1. All of it lights up, not only one cell.
    int hoveredRow() const;

    /// Ascending.
    std::vector<int> selectedRows() const;
    /// Of the current row, where it is selected.
    std::optional<quint64> selectedSerial() const;
    /// Selects the entry with that number, where it is shown, and brings it into sight unless the end is
    /// followed.
    void selectSerial(std::optional<quint64> serial);

    /// The widths of all columns but the message's, which gets the rest; 0 where hidden.
    std::vector<int> columnWidths() const;
    void setColumnWidths(const std::vector<int> &widths);

Q_SIGNALS:
    /// Scrolled to the first row, by a person.
    void startReached();
    /// Double-clicked, or Enter.
    void rowActivated(int row);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void connectModel();
    void fitToFont();
    void setHoverY(int y);
    void updateRow(int row);
    void handleRowsAboutToBeRemoved(int count);
    void handleRowsInserted(int first, int count);
    void handleRowsInFront(int count);
    void handleScrolled(int value);
    void updateJumpButton();
    void placeJumpButton();

    MessageLogModel *m_model;
    QPushButton *m_jumpButton = nullptr;
    bool m_followsEnd = true;
    bool m_scrolling = false; ///< by ourselves, which says nothing about what the user wants
    bool m_losingRows = false;
    quint64 m_newRows = 0;
    int m_hoverY = -1; ///< of the pointer in the viewport; -1 while it is elsewhere
};

} // namespace wireroom
