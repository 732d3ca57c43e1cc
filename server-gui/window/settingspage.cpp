// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/settingspage.h"

#include "common/widgets/theme.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

using namespace Qt::StringLiterals;

namespace wireroom {

SettingsPage::SettingsPage(QWidget *parent) : QWidget(parent), m_form(new QFormLayout(this))
{
    m_form->setContentsMargins(3 * kGrid, 2 * kGrid, 3 * kGrid, 2 * kGrid);
    m_form->setHorizontalSpacing(2 * kGrid);
    m_form->setVerticalSpacing(kGrid);
    m_form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
}

void SettingsPage::addHeading(const QString &text)
{
    if (m_form->rowCount() > 0)
        m_form->addItem(new QSpacerItem(0, kGrid));
    auto *heading = new QLabel(text, this);
    QFont bold = heading->font();
    bold.setWeight(QFont::DemiBold);
    heading->setFont(bold);
    heading->setMinimumHeight(3 * kGrid);
    m_form->addRow(heading);
}

void SettingsPage::addRow(const QString &title, QWidget *field, QWidget *row)
{
    auto *label = new QLabel(title, this);
    label->setBuddy(field);
    label->setMinimumHeight(field->sizeHint().height());
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_form->addRow(label, row ? row : field);
}

void SettingsPage::addField(QWidget *field)
{
    m_form->addRow(QString(), field);
}

QLabel *SettingsPage::addNote(const QString &text)
{
    auto *note = new QLabel(text, this);
    note->setTextFormat(Qt::PlainText);
    note->setWordWrap(true);
    QPalette quiet = note->palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    note->setPalette(quiet);
    m_form->addRow(note);
    return note;
}

QSpinBox *SettingsPage::makeNumber(const QString &objectName, const QString &name, int minimum, int maximum,
                                   int value)
{
    auto *box = new QSpinBox(this);
    box->setObjectName(objectName);
    box->setAccessibleName(name);
    box->setRange(minimum, maximum);
    box->setGroupSeparatorShown(true);
    box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    box->setAlignment(Qt::AlignRight);
    box->setMinimumWidth(16 * kGrid);
    box->setValue(value);
    connect(box, &QSpinBox::valueChanged, this, &SettingsPage::edited);
    return box;
}

QLineEdit *SettingsPage::makeText(const QString &objectName, const QString &name, const QString &text)
{
    auto *field = new QLineEdit(text, this);
    field->setObjectName(objectName);
    field->setAccessibleName(name);
    connect(field, &QLineEdit::textChanged, this, &SettingsPage::edited);
    return field;
}

QWidget *SettingsPage::makePlace(QLineEdit *field, std::function<void()> choose)
{
    auto *row = new QWidget(this);
    field->setMinimumWidth(40 * kGrid);
    auto *browse = new QPushButton(u"Browse …"_s, row);
    browse->setObjectName(u"browse"_s % field->objectName().at(0).toUpper() % field->objectName().mid(1));
    browse->setAccessibleName(u"Browse: "_s % field->accessibleName());
    browse->setAutoDefault(false);
    connect(browse, &QPushButton::clicked, this, std::move(choose));
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGrid);
    layout->addWidget(field, 1);
    layout->addWidget(browse);
    return row;
}

} // namespace wireroom
