// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/olderbar.h"

#include "common/widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// A button that takes no more room than its words.
class LinkButton : public QPushButton
{
public:
    LinkButton(const QString &text, QWidget *parent) : QPushButton(text, parent)
    {
        setAutoDefault(false);
        setCursor(Qt::PointingHandCursor);
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    }

    QSize sizeHint() const override { return {fontMetrics().horizontalAdvance(text()) + kGrid, 3 * kGrid}; }

    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const ThemeColors colors = themeColors(palette());
        if (underMouse() || isDown())
            painter.fillRect(rect(), colors.hover);
        painter.setPen(colors.accent);
        if (hasFocus())
            painter.drawRect(rect().adjusted(0, 0, -1, -1));
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextSingleLine, text());
    }
};

} // namespace

OlderBar::OlderBar(QWidget *parent)
    : QWidget(parent), m_older(new LinkButton({}, this)), m_words(new QLabel(this)),
      m_leave(new LinkButton(tr("Back to all messages"), this))
{
    setObjectName(u"olderBar"_s);
    m_older->setObjectName(u"showOlder"_s);
    m_older->setAccessibleName(tr("Show older messages"));
    m_words->setObjectName(u"olderWords"_s);
    m_words->setContentsMargins(kGrid / 2, 0, 0, 0);
    m_words->setTextFormat(Qt::PlainText);
    m_leave->setObjectName(u"leaveFound"_s);
    m_leave->setAccessibleName(m_leave->text());
    m_leave->setToolTip(tr("Clear the filters (Esc)"));

    auto *layout = new QHBoxLayout(this);
    // The words of a button stand where those of a label do.
    layout->setContentsMargins(2 * kGrid - kGrid / 2, 0, 2 * kGrid - kGrid / 2, kGrid / 2);
    layout->setSpacing(kGrid);
    layout->addWidget(m_older);
    layout->addWidget(m_words, 1);
    layout->addWidget(m_leave);
    connect(m_older, &QPushButton::clicked, this, &OlderBar::olderRequested);
    connect(m_leave, &QPushButton::clicked, this, &OlderBar::leaveRequested);
    tint();
    setState(State::Nothing, false);
}

void OlderBar::setState(State state, bool isFiltered)
{
    m_state = state;
    m_older->setVisible(state == State::More);
    m_older->setText(isFiltered ? tr("Search older messages") : tr("Show older messages"));
    m_leave->setVisible(isFiltered);
    QString words;
    if (state == State::Loading)
        words = isFiltered ? tr("Searching the history …") : tr("Reading the history …");
    else if (state == State::Full)
        words = tr("No more rows fit in here. A search finds older messages.");
    else if (state == State::Nothing && isFiltered)
        words = tr("The whole history was searched.");
    m_words->setText(words);
    setVisible(isFiltered || state != State::Nothing);
}

void OlderBar::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        tint();
}

void OlderBar::tint()
{
    QPalette quiet = palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    m_words->setPalette(quiet);
}

} // namespace wireroom
