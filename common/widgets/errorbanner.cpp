// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/errorbanner.h"

#include "common/widgets/icons.h"
#include "common/widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kPictureSize = 16;
constexpr int kStripeWidth = 4;

} // namespace

ErrorBanner::ErrorBanner(QWidget *parent)
    : QFrame(parent), m_picture(new QLabel(this)), m_label(new QLabel(this)), m_action(new QPushButton(this))
{
    setObjectName(u"errorBanner"_s);
    setAccessibleName(u"Problem"_s);

    m_label->setObjectName(u"errorBannerText"_s);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_label->setWordWrap(true);

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
    layout->addWidget(m_action, 0, Qt::AlignVCenter);
    layout->addWidget(close, 0, Qt::AlignVCenter);

    tint();
    hide();
}

void ErrorBanner::setText(const QString &text, const QString &action)
{
    m_action->setText(action);
    m_action->setAccessibleName(action);
    m_action->setVisible(!action.isEmpty());
    m_label->setText(text);
    m_label->setAccessibleName(text);
    setVisible(!text.isEmpty());
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
