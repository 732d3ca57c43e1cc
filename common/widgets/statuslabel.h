// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QWidget>

class QLabel;

namespace wireroom {

enum class StatusLevel : quint8 {
    Off, ///< nothing is going on
    Ok,
    Busy, ///< under way
    Warning,
    Error,
};

/// A state in words with a coloured dot in front; the words say everything that the colour says.
///
/// Owner: its parent widget. Thread: GUI. The accessible name is the text.
class StatusLabel : public QWidget
{
    Q_OBJECT

public:
    explicit StatusLabel(QWidget *parent = nullptr);

    /// `text` is the state ("Listening on 127.0.0.1:4040"); `detail` one sentence more, in a quieter colour
    /// and cut with … where there is no room (the tooltip has all of it).
    void setStatus(StatusLevel level, const QString &text, const QString &detail = {});

    StatusLevel level() const { return m_level; }

    QString text() const { return m_text; }

    QString detail() const { return m_detail; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    StatusLevel m_level = StatusLevel::Off;
    QString m_text;
    QString m_detail;
};

} // namespace wireroom
