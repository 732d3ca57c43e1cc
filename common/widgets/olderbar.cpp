// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/olderbar.h"

#include "common/widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

using namespace Qt::StringLiterals;

namespace wireroom {

OlderBar::OlderBar(QWidget *parent)
    : QWidget(parent), m_older(new QPushButton(this)), m_words(new QLabel(this)),
      m_leave(new QPushButton(tr("Back to all messages"), this))
{
    setObjectName(u"olderBar"_s);
    m_older->setObjectName(u"showOlder"_s);
    m_older->setAccessibleName(tr("Show older messages"));
    m_words->setObjectName(u"olderWords"_s);
    m_words->setTextFormat(Qt::PlainText);
    m_leave->setObjectName(u"leaveFound"_s);
    m_leave->setAccessibleName(m_leave->text());
    m_leave->setToolTip(tr("Clear the filters (Esc)"));
    for (QPushButton *button : {m_older, m_leave})
        button->setAutoDefault(false);

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, 0, 2 * kGrid, kGrid);
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
