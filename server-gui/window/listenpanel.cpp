// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/listenpanel.h"

#include "common/base/hostport.h"
#include "common/widgets/fieldrow.h"
#include "common/widgets/statuslabel.h"
#include "common/widgets/theme.h"
#include "server-gui/window/tlsbadge.h"

#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHostAddress>
#include <QLineEdit>
#include <QNetworkInterface>
#include <QPushButton>
#include <QSpinBox>

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What the address field's entries mean, for their tooltips.
QString addressMeaning(const QString &address)
{
    if (address == "*"_L1)
        return u"Every address of this machine, IPv4 and IPv6"_s;
    if (address == "0.0.0.0"_L1)
        return u"Every IPv4 address of this machine"_s;
    if (address == "127.0.0.1"_L1 || address == "::1"_L1 || address == "localhost"_L1)
        return u"For programs on this machine only"_s;
    return u"An address of this machine in its network"_s;
}

} // namespace

ListenPanel::ListenPanel(QWidget *parent) : QWidget(parent)
{
    setObjectName(u"listenPanel"_s);
    makeFields();
    arrange();
    showState(ChatServer::State::Stopped, {}, 0);
}

void ListenPanel::makeFields()
{
    m_address = new QComboBox(this);
    m_address->setObjectName(u"address"_s);
    m_address->setAccessibleName(u"Address"_s);
    m_address->setEditable(true);
    m_address->setInsertPolicy(QComboBox::NoInsert);
    m_address->lineEdit()->setObjectName(u"addressEdit"_s);
    m_address->lineEdit()->setAccessibleName(u"Address"_s);
    m_address->lineEdit()->installEventFilter(this);
    m_address->setToolTip(u"Where to listen: an IP address, localhost, or * for every address"_s);
    m_address->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_address->setMinimumContentsLength(10);
    fillAddresses();
    connect(m_address, &QComboBox::editTextChanged, this, &ListenPanel::addressEdited);

    m_port = newPortField(0, u"1 to 65535; 0 lets the system choose a free port"_s, this);
    connect(m_port, &QSpinBox::valueChanged, this, &ListenPanel::addressEdited);

    m_format = newFormatField(FrameFormatEditor::Auto::With, 14,
                              u"How clients mark where a message ends; auto finds it out for each of them"_s,
                              this);

    m_policy = new QComboBox(this);
    m_policy->setObjectName(u"plainPolicy"_s);
    m_policy->setAccessibleName(u"Plain messages"_s);
    m_policy->setToolTip(
        u"What happens to a plain client's message besides showing it; can be changed at any time"_s);
    m_policy->addItem(u"Show only"_s, QVariant::fromValue(static_cast<int>(PlainPolicy::None)));
    m_policy->addItem(u"Echo"_s, QVariant::fromValue(static_cast<int>(PlainPolicy::Echo)));
    m_policy->addItem(u"Relay"_s, QVariant::fromValue(static_cast<int>(PlainPolicy::Relay)));
    m_policy->setItemData(0, u"Nothing more happens to it"_s, Qt::ToolTipRole);
    m_policy->setItemData(1, u"It goes back to its sender"_s, Qt::ToolTipRole);
    m_policy->setItemData(2, u"It goes to all other plain clients"_s, Qt::ToolTipRole);
    connect(m_policy, &QComboBox::activated, this, [this] { Q_EMIT policyChosen(policy()); });

    m_start = newButton(IconName::Start, u"Start"_s, u"start"_s, u"Listen for clients (Ctrl+R)"_s, this);
    setPrimary(m_start);
    connect(m_start, &QPushButton::clicked, this, &ListenPanel::startRequested);

    m_stop = newButton(IconName::Stop, u"Stop"_s, u"stop"_s,
                       u"Close all connections and stop listening (Ctrl+Shift+R)"_s, this);
    connect(m_stop, &QPushButton::clicked, this, &ListenPanel::stopRequested);

    for (QLineEdit *edit : {m_address->lineEdit(), m_port->findChild<QLineEdit *>()}) {
        connect(edit, &QLineEdit::returnPressed, this, [this] {
            if (m_start->isEnabled())
                m_start->click();
        });
    }

    m_status = new StatusLabel(this);
    m_status->setObjectName(u"status"_s);
    m_tls = new TlsBadge(this);
}

void ListenPanel::arrange()
{
    FieldRow row(this);
    row.addField(u"&Address"_s, m_address, 13 * kGrid, 34 * kGrid, 3);
    row.addField(u"&Port"_s, m_port, 8 * kGrid, 10 * kGrid, 0);
    row.addField(u"&Format"_s, m_format, 13 * kGrid, 36 * kGrid, 4);
    row.addField(u"P&lain messages"_s, m_policy, 14 * kGrid, QWIDGETSIZE_MAX, 0);
    row.addButton(m_start);
    row.addButton(m_stop);
    auto *status = new QHBoxLayout;
    status->setSpacing(kGrid);
    status->addWidget(m_status, 1);
    status->addWidget(m_tls);
    row.grid()->addLayout(status, FieldRow::kStatusRow, 0, 1, row.columns() + 1);
}

void ListenPanel::fillAddresses()
{
    QStringList addresses{u"127.0.0.1"_s, u"localhost"_s, u"*"_s, u"::1"_s, u"0.0.0.0"_s};
    const QList<QHostAddress> own = QNetworkInterface::allAddresses();
    for (const QHostAddress &address : own) {
        if (!address.isLoopback() && !address.isLinkLocal() && !addresses.contains(address.toString()))
            addresses.append(address.toString());
    }
    for (const QString &address : std::as_const(addresses)) {
        m_address->addItem(address);
        m_address->setItemData(m_address->count() - 1, addressMeaning(address), Qt::ToolTipRole);
    }
}

bool ListenPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_address->lineEdit() && event->type() == QEvent::PaletteChange) {
        // The combo box paints the whole field and hands its palette on at every change; with it the line
        // edit would fill its part in the colour of an enabled one.
        QPalette clear = m_address->lineEdit()->palette();
        if (clear.color(QPalette::Base).alpha() != 0) {
            clear.setColor(QPalette::Base, Qt::transparent);
            m_address->lineEdit()->setPalette(clear);
        }
    }
    return QWidget::eventFilter(watched, event);
}

void ListenPanel::setConfig(const ServerConfig &config)
{
    m_address->setEditText(config.address.isEmpty() ? u"*"_s : config.address);
    m_port->setValue(config.port);
    m_format->setValue(config.format);
    m_policy->setCurrentIndex(m_policy->findData(static_cast<int>(config.plainPolicy)));
}

void ListenPanel::applyTo(ServerConfig &config) const
{
    config.address = m_address->currentText().trimmed();
    config.port = static_cast<quint16>(m_port->value());
    config.format = m_format->value();
    config.plainPolicy = policy();
}

PlainPolicy ListenPanel::policy() const
{
    return static_cast<PlainPolicy>(m_policy->currentData().toInt());
}

void ListenPanel::showState(ChatServer::State state, const QString &address, quint16 port, bool keepsHistory)
{
    const bool stopped = state == ChatServer::State::Stopped;
    // What has the keyboard is about to be disabled; the button that fits next takes it over.
    const QWidget *focus = focusWidget();
    const bool losesFocus = focus && focus == window()->focusWidget() && focus != m_policy;

    for (QWidget *field : {static_cast<QWidget *>(m_address), static_cast<QWidget *>(m_port),
                           static_cast<QWidget *>(m_format), static_cast<QWidget *>(m_start)}) {
        field->setEnabled(stopped);
    }
    m_stop->setEnabled(!stopped);
    setPrimary(m_start, stopped);
    if (losesFocus)
        (stopped ? m_start : m_stop)->setFocus();

    m_tls->clear();
    switch (state) {
    case ChatServer::State::Stopped:
        m_status->setStatus(StatusLevel::Off, u"Stopped"_s);
        break;
    case ChatServer::State::Starting:
        m_status->setStatus(StatusLevel::Busy, u"Starting …"_s);
        break;
    case ChatServer::State::Listening: {
        const bool local = QHostAddress(address).isLoopback();
        const QString reach = local ? u"for programs on this machine"_s : u"reachable from other machines"_s;
        m_status->setStatus(StatusLevel::Ok, u"Listening on %1"_s.arg(HostPort{address, port}.toString()),
                            keepsHistory ? reach : QString(reach % u" · no history is kept"));
        break;
    }
    case ChatServer::State::Stopping:
        m_status->setStatus(StatusLevel::Busy, u"Stopping …"_s, u"sending what is still queued"_s);
        break;
    }
}

void ListenPanel::showTls(const TlsReady *tls, const QString &address)
{
    if (tls)
        m_tls->showReady(*tls);
    else if (!QHostAddress(address).isLoopback())
        m_tls->showOff();
}

void ListenPanel::focusStart()
{
    m_start->setFocus();
}

void ListenPanel::showFailure()
{
    m_status->setStatus(StatusLevel::Error, u"Not listening"_s);
}

QString ListenPanel::statusText() const
{
    return m_status->text();
}

} // namespace wireroom
