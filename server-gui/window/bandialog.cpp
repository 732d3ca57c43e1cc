// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/bandialog.h"

#include "common/widgets/theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kReasonLength = 200;

/// What one subscriber usually has.
constexpr int kNetworkBits4 = 24;
constexpr int kNetworkBits6 = 64;

struct Term
{
    const char16_t *text;
    qint64 seconds;
};

constexpr Term kTerms[]{{u"1 hour", 3600},
                        {u"1 day", 24 * 3600},
                        {u"1 week", 7 * 24 * 3600},
                        {u"30 days", 30 * 24 * 3600},
                        {u"Until it is lifted", 0}};

void mute(QLabel *label)
{
    QPalette quiet = label->palette();
    quiet.setColor(QPalette::WindowText, themeColors(quiet).muted);
    label->setPalette(quiet);
}

} // namespace

BanDialog::BanDialog(const Proposal &proposal, QWidget *parent)
    : QDialog(parent), m_id(proposal.id), m_address(proposal.address)
{
    setObjectName(u"banDialog"_s);
    setWindowTitle(u"Ban"_s);
    m_problem = new QLabel(this);
    m_problem->setObjectName(u"banProblem"_s);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    QPalette loud = m_problem->palette();
    loud.setColor(QPalette::WindowText, themeColors(palette()).error);
    m_problem->setPalette(loud);
    m_problem->hide();

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    QPushButton *ban = buttons->addButton(u"&Ban"_s, QDialogButtonBox::AcceptRole);
    ban->setObjectName(u"banAccept"_s);
    ban->setAccessibleName(u"Ban"_s);
    ban->setDefault(true);
    setPrimary(ban);
    QPushButton *cancel = buttons->button(QDialogButtonBox::Cancel);
    cancel->setIcon({});
    cancel->setObjectName(u"banCancel"_s);
    cancel->setAccessibleName(u"Cancel"_s);
    connect(buttons, &QDialogButtonBox::accepted, this, &BanDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &BanDialog::reject);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 2 * kGrid);
    layout->setSpacing(2 * kGrid);
    layout->addLayout(makeWho(proposal));
    layout->addLayout(makeTerms());
    layout->addWidget(m_problem);
    layout->addStretch(1);
    layout->addWidget(buttons);
    setMinimumWidth(52 * kGrid);
}

QRadioButton *BanDialog::addChoice(QVBoxLayout *layout, const QString &objectName, const QString &text,
                                   const QString &note)
{
    auto *choice = new QRadioButton(text, this);
    choice->setObjectName(objectName);
    choice->setAccessibleName(QString(text).remove(u'&'));
    connect(choice, &QRadioButton::toggled, m_problem, &QWidget::hide);
    layout->addWidget(choice);
    if (!note.isEmpty()) {
        auto *label = new QLabel(note, this);
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setIndent(3 * kGrid);
        mute(label);
        layout->addWidget(label);
    }
    return choice;
}

QLayout *BanDialog::makeWho(const Proposal &proposal)
{
    auto *layout = new QVBoxLayout;
    layout->setSpacing(kGrid / 2);
    const bool hasAddress = !proposal.address.isNull();
    if (proposal.id) {
        // Of a name, only what a label shows as it is.
        m_byId = addChoice(
            layout, u"banById"_s,
            u"The chat &client “%1”"_s.arg(QString(proposal.name).replace(u'&', u"&&"_s)),
            u"Its ID stays banned wherever it comes from. Without it, it can join as somebody new."_s);
        m_byId->setAccessibleName(u"By ID"_s);
    }
    if (hasAddress) {
        m_byAddress
            = addChoice(layout, u"banByAddress"_s, u"Its &address, %1"_s.arg(proposal.address.toString()),
                        u"Everybody who comes from there is turned away."_s);
        m_byAddress->setAccessibleName(u"By address"_s);
    }
    const bool isAlone = !proposal.id && !hasAddress;
    m_network = new QLineEdit(this);
    m_network->setObjectName(u"banNetwork"_s);
    m_network->setAccessibleName(u"ID, address or network"_s);
    m_network->setPlaceholderText(u"192.0.2.7, 192.0.2.0/24, 2001:db8::/32 or an ID"_s);
    if (hasAddress) {
        const bool isV6 = BanTarget(proposal.address).isV6();
        m_network->setText(
            BanTarget::networkOf(proposal.address, isV6 ? kNetworkBits6 : kNetworkBits4).toString());
    }
    connect(m_network, &QLineEdit::textEdited, m_problem, &QWidget::hide);
    if (isAlone) {
        auto *label = new QLabel(u"&Who: an ID, an address or a network"_s, this);
        label->setBuddy(m_network);
        layout->addWidget(label);
        layout->addWidget(m_network);
        return layout;
    }
    m_byNetwork = addChoice(layout, u"banByNetwork"_s, u"Another ID, address or &network"_s, {});
    auto *row = new QHBoxLayout;
    row->setContentsMargins(3 * kGrid, 0, 0, 0);
    row->addWidget(m_network);
    layout->addLayout(row);
    m_network->setEnabled(false);
    connect(m_byNetwork, &QRadioButton::toggled, this, [this](bool isChosen) {
        m_network->setEnabled(isChosen);
        if (isChosen)
            m_network->setFocus();
    });
    (m_byId ? m_byId : m_byAddress)->setChecked(true);
    return layout;
}

QLayout *BanDialog::makeTerms()
{
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(2 * kGrid);
    form->setVerticalSpacing(kGrid);
    const auto addRow = [&](const QString &title, QWidget *field) {
        auto *label = new QLabel(title, this);
        label->setBuddy(field);
        label->setMinimumHeight(field->sizeHint().height());
        form->addRow(label, field);
    };
    m_time = new QComboBox(this);
    m_time->setObjectName(u"banTime"_s);
    m_time->setAccessibleName(u"For how long"_s);
    for (const Term &term : kTerms)
        m_time->addItem(QString::fromUtf16(term.text), term.seconds);
    m_time->setCurrentIndex(1);
    addRow(u"&For"_s, m_time);
    m_reason = new QLineEdit(this);
    m_reason->setObjectName(u"banReason"_s);
    m_reason->setAccessibleName(u"Reason"_s);
    m_reason->setMaxLength(kReasonLength);
    m_reason->setPlaceholderText(u"Is told to a chat client, and kept with the ban"_s);
    addRow(u"&Reason"_s, m_reason);
    return form;
}

Result<BanTarget> BanDialog::chosen() const
{
    if (m_byId && m_byId->isChecked())
        return BanTarget(*m_id);
    if (m_byAddress && m_byAddress->isChecked())
        return BanTarget(m_address);
    return BanTarget::parse(m_network->text());
}

BanTarget BanDialog::who() const
{
    return chosen().value();
}

std::chrono::seconds BanDialog::time() const
{
    return std::chrono::seconds(m_time->currentData().toLongLong());
}

QString BanDialog::reason() const
{
    return m_reason->text().simplified();
}

void BanDialog::accept()
{
    if (const Result<BanTarget> target = chosen(); !target) {
        m_problem->setText(target.error().text);
        m_problem->show();
        m_network->setFocus();
        return;
    }
    QDialog::accept();
}

} // namespace wireroom
