// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/frameformateditor.h"
#include "common/widgets/icons.h"

#include <QString>

class QGridLayout;
class QLabel;
class QPushButton;
class QSpinBox;
class QWidget;

namespace wireroom {

/// Lays out a window's upper panel: fields below their labels, buttons beside them, and a third row that the
/// panel fills itself.
class FieldRow
{
public:
    static constexpr int kStatusRow = 2;

    explicit FieldRow(QWidget *panel);

    /// Between `minimum` and `maximum` pixels wide; returns the label above it.
    QLabel *addField(const QString &title, QWidget *field, int minimum, int maximum, int stretch);
    void addButton(QPushButton *button);

    QGridLayout *grid() const { return m_grid; }

    /// Those in use; what is right of them is empty and takes the room that is left.
    int columns() const { return m_columns; }

private:
    QWidget *m_panel;
    QGridLayout *m_grid;
    int m_columns = 0;
};

/// A field for a TCP port from `lowest`.
QSpinBox *newPortField(int lowest, const QString &toolTip, QWidget *panel);

FrameFormatEditor *newFormatField(FrameFormatEditor::Auto withAuto, int minimumCharacters,
                                  const QString &toolTip, QWidget *panel);

/// A button named after its text.
QPushButton *newButton(IconName picture, const QString &text, const QString &objectName,
                       const QString &toolTip, QWidget *panel);

} // namespace wireroom
