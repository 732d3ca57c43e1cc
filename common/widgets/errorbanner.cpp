// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/errorbanner.h"

#include "common/base/safetext.h"
#include "common/widgets/icons.h"
#include "common/widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kPictureSize = 16;
constexpr int kStripeWidth = 4;
constexpr int kAnswerWidth = 180;
constexpr int kLongestAnswer = 1'000;

} // namespace

ErrorBanner::ErrorBanner(QWidget *parent)
    : QFrame(parent), m_picture(new QLabel(this)), m_label(new QLabel(this)), m_answer(new QLineEdit(this)),
      m_action(new QPushButton(this))
{
    setObjectName(u"errorBanner"_s);
    setAccessibleName(u"Problem"_s);

    m_label->setObjectName(u"errorBannerText"_s);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_label->setWordWrap(true);

    m_answer->setObjectName(u"errorBannerAnswer"_s);
    m_answer->setFixedWidth(kAnswerWidth);
    m_answer->setMaxLength(kLongestAnswer);
    connect(m_answer, &QLineEdit::textChanged, this,
            [this](const QString &text) { m_action->setEnabled(m_answer->isHidden() || !text.isEmpty()); });
    connect(m_answer, &QLineEdit::returnPressed, m_action, &QPushButton::click);

    m_action->setObjectName(u"errorBannerAction"_s);
    connect(m_action, &QPushButton::clicked, this, &ErrorBanner::actionRequested);

    auto *close = new QToolButton(this);
    close->setObjectName(u"errorBannerClose"_s);
    close->setAccessibleName(u"Close problem"_s);
    close->setToolTip(u"Close"_s);
    close->setIcon(icon(IconName::Clear));
    close->setAutoRaise(true);
    connect(close, &QToolButton::clicked, this, [this] { setText({}); });

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, kGrid, kGrid, kGrid);
    layout->setSpacing(kGrid);
    layout->addWidget(m_picture, 0, Qt::AlignVCenter);
    layout->addWidget(m_label, 1);
    layout->addWidget(m_answer, 0, Qt::AlignVCenter);
    layout->addWidget(m_action, 0, Qt::AlignVCenter);
    layout->addWidget(close, 0, Qt::AlignVCenter);

    tint();
    hide();
}

void ErrorBanner::setText(const QString &text, const QString &action)
{
    m_answer->hide();
    m_answer->clear();
    m_action->setEnabled(true);
    m_action->setText(action);
    m_action->setAccessibleName(action);
    m_action->setVisible(!action.isEmpty());
    const QString shown = safeText(text);
    m_label->setText(shown);
    m_label->setAccessibleName(shown);
    setVisible(!text.isEmpty());
}

void ErrorBanner::ask(const QString &text, const QString &label, const QString &action, Secret secret,
                      const QString &proposal)
{
    setText(text, action);
    m_answer->setEchoMode(secret == Secret::Yes ? QLineEdit::Password : QLineEdit::Normal);
    m_answer->setPlaceholderText(label);
    m_answer->setAccessibleName(label);
    m_answer->show();
    m_answer->setText(proposal);
    m_answer->selectAll();
    m_action->setEnabled(!proposal.isEmpty());
    m_answer->setFocus();
}

QString ErrorBanner::answer() const
{
    return m_answer->isHidden() ? QString() : m_answer->text();
}

QString ErrorBanner::text() const
{
    return m_label->text();
}

void ErrorBanner::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        tint();
    QFrame::changeEvent(event);
}

void ErrorBanner::paintEvent(QPaintEvent *)
{
    const QColor color = themeColors(palette()).error;
    QColor wash = color;
    wash.setAlphaF(isDark(palette()) ? 0.18F : 0.10F);
    QPainter painter(this);
    painter.fillRect(rect(), wash);
    painter.fillRect(QRect(0, 0, kStripeWidth, height()), color);
}

void ErrorBanner::tint()
{
    m_picture->setPixmap(
        iconPixmap(IconName::Error, themeColors(palette()).error, kPictureSize, devicePixelRatioF()));
}

} // namespace wireroom
