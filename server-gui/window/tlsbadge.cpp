// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/tlsbadge.h"

#include "common/widgets/fieldrow.h"
#include "common/widgets/icons.h"
#include "common/widgets/theme.h"
#include "server-gui/core/tlsfiles.h"

#include <QClipboard>
#include <QEvent>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QStyleOptionToolButton>
#include <QStylePainter>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kPictureSize = 16;
constexpr int kGap = kGrid / 2;

QLabel *newFingerprint(const QString &text, QWidget *parent)
{
    auto *groups = new QLabel(text, parent);
    groups->setObjectName(u"fingerprint"_s);
    groups->setAccessibleName(u"Fingerprint"_s);
    groups->setTextFormat(Qt::PlainText);
    groups->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    groups->setCursor(Qt::IBeamCursor);
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(font.pointSizeF() + 2);
    groups->setFont(font);
    groups->setAlignment(Qt::AlignCenter);
    groups->setMargin(kGrid);
    groups->setFrameShape(QFrame::StyledPanel);
    groups->setAutoFillBackground(true);
    groups->setBackgroundRole(QPalette::Base);
    groups->setForegroundRole(QPalette::Text);
    return groups;
}

} // namespace

TlsBadge::TlsBadge(QWidget *parent) : QToolButton(parent)
{
    setObjectName(u"tlsBadge"_s);
    setAutoRaise(true);
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setIconSize({kPictureSize, kPictureSize});
    setFocusPolicy(Qt::TabFocus);
    connect(this, &QToolButton::clicked, this, &TlsBadge::openPopup);
    hide();
}

void TlsBadge::showReady(const TlsReady &tls)
{
    m_tls = tls;
    setText(tls.mode == TlsMode::Required ? u"Encryption required"_s : u"Encryption offered"_s);
    setToolTip(u"%1. Click for the fingerprint of this server's certificate."_s.arg(
        tls.mode == TlsMode::Required ? u"Only clients that speak TLS are let in"_s
                                      : u"Clients may speak TLS, and need not"_s));
    setAccessibleName(text());
    setEnabled(true);
    tint();
    show();
}

void TlsBadge::showOff()
{
    m_tls.reset();
    setText(u"Not encrypted"_s);
    setToolTip(u"TLS is off: whoever is between a client and this server can read everything, and change it. "
               "It can be switched on in the settings."_s);
    setAccessibleName(text());
    setEnabled(false);
    tint();
    show();
}

void TlsBadge::clear()
{
    m_tls.reset();
    hide();
}

void TlsBadge::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        tint();
    QToolButton::changeEvent(event);
}

QSize TlsBadge::sizeHint() const
{
    const int words = fontMetrics().horizontalAdvance(text());
    return {kPictureSize + kGap + words, QToolButton::sizeHint().height()};
}

QSize TlsBadge::minimumSizeHint() const
{
    return sizeHint();
}

/// Without the room that a style leaves around them; they are underlined where a click does something.
void TlsBadge::paintEvent(QPaintEvent *)
{
    QStylePainter painter(this);
    QStyleOptionToolButton option;
    initStyleOption(&option);
    painter.drawPixmap(
        0, (height() - kPictureSize) / 2,
        icon().pixmap(iconSize(), devicePixelRatioF(), isEnabled() ? QIcon::Normal : QIcon::Disabled));
    QFont font = painter.font();
    font.setUnderline(isEnabled() && option.state.testFlag(QStyle::State_MouseOver));
    painter.setFont(font);
    painter.drawItemText(rect().adjusted(kPictureSize + kGap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         palette(), isEnabled(), text(), QPalette::ButtonText);
    if (option.state.testFlag(QStyle::State_HasFocus)) {
        QStyleOptionFocusRect focus;
        focus.QStyleOption::operator=(option);
        painter.drawPrimitive(QStyle::PE_FrameFocusRect, focus);
    }
}

void TlsBadge::tint()
{
    const ThemeColors colors = themeColors(palette());
    const QPixmap picture = iconPixmap(m_tls ? IconName::Lock : IconName::Unlock,
                                       m_tls ? colors.ok : colors.warning, kPictureSize, devicePixelRatioF());
    QIcon both(picture);
    both.addPixmap(picture, QIcon::Disabled);
    setIcon(both);
}

void TlsBadge::openPopup()
{
    if (!m_tls)
        return;
    auto *popup = new QFrame(this, Qt::Popup);
    popup->setObjectName(u"tlsPopup"_s);
    popup->setAttribute(Qt::WA_DeleteOnClose);
    popup->setFrameStyle(QFrame::Box | QFrame::Plain);
    QPalette edge = popup->palette();
    edge.setColor(QPalette::WindowText, themeColors(palette()).controlBorder);
    popup->setPalette(edge);

    auto *title = new QLabel(u"Fingerprint of the certificate (SHA-256)"_s, popup);
    QPalette plain = title->palette();
    plain.setColor(QPalette::WindowText, palette().color(QPalette::WindowText));
    title->setPalette(plain);
    QFont bold = title->font();
    bold.setWeight(QFont::DemiBold);
    title->setFont(bold);
    auto *groups = newFingerprint(fingerprintLines(m_tls->fingerprint), popup);
    auto *note
        = new QLabel(u"A client shows the same when it connects for the first time. Valid until %1."_s.arg(
                         m_tls->validUntil.toLocalTime().toString(u"yyyy-MM-dd")),
                     popup);
    note->setWordWrap(true);
    QPalette quiet = note->palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    note->setPalette(quiet);
    QPushButton *copy
        = newButton(IconName::Copy, u"Copy"_s, u"copyFingerprint"_s,
                    u"Copy the fingerprint as one word, as wireroom-cli --pin takes it"_s, popup);
    connect(copy, &QPushButton::clicked, copy, [copy, text = m_tls->fingerprint] {
        QGuiApplication::clipboard()->setText(text);
        copy->setText(u"Copied"_s);
    });

    auto *layout = new QVBoxLayout(popup);
    layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    layout->setSpacing(kGrid);
    layout->addWidget(title);
    layout->addWidget(groups);
    layout->addWidget(note);
    layout->addWidget(copy, 0, Qt::AlignRight);

    popup->adjustSize();
    QPoint place = mapToGlobal(QPoint(width() - popup->width(), height()));
    if (const QScreen *const where = screen()) {
        const QRect room = where->availableGeometry();
        place.setX(qBound(room.left(), place.x(), qMax(room.left(), room.right() - popup->width())));
    }
    popup->move(place);
    popup->show();
    copy->setFocus();
}

} // namespace wireroom
