// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/trustdialog.h"

#include "common/widgets/icons.h"
#include "common/widgets/theme.h"

#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QFormLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kPictureSize = 32;
/// Lines longer than this are hard to read.
constexpr int kTextWidth = 56 * kGrid;

void setQuiet(QLabel *label)
{
    QPalette quiet = label->palette();
    quiet.setColor(QPalette::WindowText, themeColors(label->palette()).muted);
    label->setPalette(quiet);
}

void setBold(QLabel *label, qreal bigger = 0)
{
    QFont bold = label->font();
    bold.setWeight(QFont::DemiBold);
    bold.setPointSizeF(bold.pointSizeF() + bigger);
    label->setFont(bold);
}

QString day(const QDateTime &time)
{
    return QLocale().toString(time.toLocalTime().date(), u"d MMMM yyyy"_s);
}

} // namespace

TrustDialog::TrustDialog(const QString &place, const TlsQuestion &question, QWidget *parent)
    : QDialog(parent), m_question(question)
{
    setObjectName(u"trustDialog"_s);
    setWindowTitle(u"Encrypted Connection"_s);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 2 * kGrid);
    layout->setSpacing(2 * kGrid);
    addHeading(layout, place);
    if (question.before)
        addFingerprint(layout, u"fingerprintBefore"_s, u"Trusted until now"_s, *question.before, true);
    addFingerprint(layout, u"fingerprint"_s,
                   question.before ? u"The server's fingerprint now"_s : u"The server's fingerprint"_s,
                   question.fingerprint, false);
    layout->addWidget(newText(u"The server's window shows its fingerprint under “Encryption”, and "
                              "wireroom-serverd says it when it starts. Compare all of it, or ask the "
                              "operator by another way than this connection."_s));
    addDetails(layout, place);
    addButtons(layout);
    layout->setSizeConstraint(QLayout::SetFixedSize);
}

QLabel *TrustDialog::newText(const QString &text)
{
    auto *label = new QLabel(text, this);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setFixedWidth(kTextWidth);
    return label;
}

void TrustDialog::addHeading(QVBoxLayout *layout, const QString &place)
{
    const bool changed = m_question.before.has_value();
    auto *picture = new QLabel(this);
    const ThemeColors colors = themeColors(palette());
    picture->setPixmap(iconPixmap(changed ? IconName::Error : IconName::Lock,
                                  changed ? colors.error : colors.accent, kPictureSize, devicePixelRatioF()));
    auto *title = newText(changed ? u"This server's certificate has changed"_s
                                  : u"Is this the server that you mean?"_s);
    title->setObjectName(u"trustTitle"_s);
    setBold(title, 2);
    auto *why = newText(
        changed
            ? u"Somebody may have put themselves between you and %1, to read everything. Or its "
              "operator has given it a new certificate. Trust it only when you know which."_s.arg(place)
            : u"You connect to %1 for the first time, and nobody vouches for its certificate. If "
              "the fingerprint below is the server's own, nobody can listen in, now or later."_s.arg(place));
    why->setObjectName(u"trustWhy"_s);
    for (QLabel *label : {title, why})
        label->setFixedWidth(kTextWidth - kPictureSize - 2 * kGrid);
    auto *words = new QVBoxLayout;
    words->setSpacing(kGrid);
    words->addWidget(title);
    words->addWidget(why);
    auto *heading = new QHBoxLayout;
    heading->setSpacing(2 * kGrid);
    heading->addWidget(picture, 0, Qt::AlignTop);
    heading->addLayout(words, 1);
    layout->addLayout(heading);
    setAccessibleName(title->text());
    setAccessibleDescription(why->text());
}

void TrustDialog::addFingerprint(QVBoxLayout *layout, const QString &name, const QString &title,
                                 const Fingerprint &fingerprint, bool isOld)
{
    auto *caption = newText(title);
    setBold(caption);
    auto *groups = new QLabel(fingerprint.toLines(), this);
    groups->setObjectName(name);
    groups->setAccessibleName(title);
    groups->setTextFormat(Qt::PlainText);
    groups->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    groups->setCursor(Qt::IBeamCursor);
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(font.pointSizeF() + 3);
    groups->setFont(font);
    groups->setAlignment(Qt::AlignCenter);
    groups->setMargin(kGrid);
    groups->setFrameShape(QFrame::StyledPanel);
    groups->setAutoFillBackground(true);
    groups->setBackgroundRole(QPalette::Base);
    groups->setForegroundRole(QPalette::Text);
    if (isOld) {
        QPalette quiet = groups->palette();
        quiet.setColor(QPalette::Text, themeColors(palette()).muted);
        groups->setPalette(quiet);
    }
    auto *block = new QVBoxLayout;
    block->setSpacing(kGrid / 2);
    block->addWidget(caption);
    block->addWidget(groups);
    layout->addLayout(block);
}

void TrustDialog::addDetails(QVBoxLayout *layout, const QString &place)
{
    auto *details = new QFormLayout;
    details->setHorizontalSpacing(2 * kGrid);
    details->setVerticalSpacing(kGrid / 2);
    details->setLabelAlignment(Qt::AlignLeft);
    const auto add = [&](const QString &what, const QString &text) {
        auto *label = new QLabel(what, this);
        label->setAlignment(Qt::AlignTop);
        setQuiet(label);
        auto *value = new QLabel(text, this);
        value->setTextFormat(Qt::PlainText);
        value->setWordWrap(true);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        details->addRow(label, value);
    };
    add(u"Server"_s, place);
    add(u"Issued to"_s, m_question.subject);
    add(u"Valid"_s, u"%1 to %2"_s.arg(day(m_question.validFrom), day(m_question.validTo)));
    add(u"Reason"_s, m_question.reason);
    layout->addLayout(details);
}

void TrustDialog::addButtons(QVBoxLayout *layout)
{
    auto *box = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    QPushButton *cancel = box->button(QDialogButtonBox::Cancel);
    cancel->setIcon({});
    cancel->setObjectName(u"trustCancel"_s);
    cancel->setAccessibleName(u"Cancel"_s);
    QPushButton *trust = box->addButton(u"&Trust and Connect"_s, QDialogButtonBox::AcceptRole);
    trust->setObjectName(u"trustConnect"_s);
    trust->setAccessibleName(u"Trust and Connect"_s);
    // Who only presses Enter stays with what was trusted.
    QPushButton *usual = m_question.before ? cancel : trust;
    for (QPushButton *button : {cancel, trust}) {
        button->setAutoDefault(button == usual);
        button->setDefault(button == usual);
    }
    setPrimary(usual);
    usual->setFocus();
    connect(box, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(box, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(box);
}

} // namespace wireroom
