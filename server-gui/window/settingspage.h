// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverconfig.h"

#include <QWidget>

#include <functional>
#include <optional>

class QFormLayout;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace wireroom {

/// One page of the settings: a form with headings, in the house's style.
///
/// Owner: the SettingsDialog. Thread: GUI. Its fields begin with the values of the configuration that it is
/// made with.
class SettingsPage : public QWidget
{
    Q_OBJECT

public:
    /// Why the server cannot be started with what the page says, and the field to correct.
    struct Problem
    {
        QString text;
        QWidget *field = nullptr;
    };

    explicit SettingsPage(QWidget *parent = nullptr);

    virtual std::optional<Problem> problem() const { return {}; }

    /// Writes what the page is about, and nothing else.
    virtual void applyTo(ServerConfig &config) const = 0;

Q_SIGNALS:
    /// A person changed something: a problem that was shown may be gone.
    void edited();

protected:
    void addHeading(const QString &text);
    /// `title` may have a mnemonic; `row` is what stands in the form where `field` is only a part of it.
    void addRow(const QString &title, QWidget *field, QWidget *row = nullptr);
    /// Without a title of its own, such as a check box.
    void addField(QWidget *field);
    /// A sentence in the muted colour over the whole width.
    QLabel *addNote(const QString &text);

    QSpinBox *makeNumber(const QString &objectName, const QString &name, int minimum, int maximum, int value);
    QLineEdit *makeText(const QString &objectName, const QString &name, const QString &text);
    /// A path with a button “Browse …”.
    QWidget *makePlace(QLineEdit *field, std::function<void()> choose);

private:
    QFormLayout *m_form;
};

} // namespace wireroom
