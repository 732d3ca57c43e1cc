// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/fieldrow.h"

#include "common/widgets/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>

using namespace Qt::StringLiterals;

namespace wireroom {

FieldRow::FieldRow(QWidget *panel) : m_panel(panel), m_grid(new QGridLayout(panel))
{
    m_grid->setContentsMargins(2 * kGrid, kGrid + kGrid / 2, 2 * kGrid, kGrid + kGrid / 2);
    m_grid->setHorizontalSpacing(kGrid);
    m_grid->setVerticalSpacing(kGrid / 2);
    m_grid->setRowMinimumHeight(kStatusRow, 3 * kGrid);
}

QLabel *FieldRow::addField(const QString &title, QWidget *field, int minimum, int maximum, int stretch)
{
    auto *label = new QLabel(title, m_panel);
    label->setBuddy(field);
    field->setMinimumWidth(minimum);
    field->setMaximumWidth(maximum);
    m_grid->addWidget(label, 0, m_columns);
    m_grid->addWidget(field, 1, m_columns);
    m_grid->setColumnStretch(m_columns, stretch);
    ++m_columns;
    return label;
}

void FieldRow::addButton(QPushButton *button)
{
    button->setMinimumWidth(11 * kGrid);
    m_grid->addWidget(button, 1, m_columns);
    m_grid->setColumnStretch(m_columns, 0);
    m_grid->setColumnStretch(++m_columns, 1);
}

QSpinBox *newPortField(int lowest, const QString &toolTip, QWidget *panel)
{
    auto *port = new QSpinBox(panel);
    port->setObjectName(u"port"_s);
    port->setAccessibleName(u"Port"_s);
    port->setRange(lowest, 65535);
    port->setButtonSymbols(QAbstractSpinBox::NoButtons);
    port->setToolTip(toolTip);
    return port;
}

FrameFormatEditor *newFormatField(FrameFormatEditor::Auto withAuto, int minimumCharacters,
                                  const QString &toolTip, QWidget *panel)
{
    auto *format = new FrameFormatEditor(withAuto, panel);
    format->setObjectName(u"format"_s);
    format->setAccessibleName(u"Format"_s);
    format->setToolTip(toolTip);
    format->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    format->setMinimumContentsLength(minimumCharacters);
    return format;
}

QPushButton *newButton(IconName picture, const QString &text, const QString &objectName,
                       const QString &toolTip, QWidget *panel)
{
    auto *button = new QPushButton(icon(picture), text, panel);
    button->setObjectName(objectName);
    button->setAccessibleName(text);
    button->setToolTip(toolTip);
    return button;
}

} // namespace wireroom
