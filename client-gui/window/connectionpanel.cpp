// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/connectionpanel.h"

#include "client-gui/window/encryptionmark.h"
#include "common/base/hostport.h"
#include "common/protocol/messagecodec.h"
#include "common/widgets/fieldrow.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/statuslabel.h"
#include "common/widgets/theme.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

#include <algorithm>
#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace wireroom {

using State = ChatClient::State;

ConnectionPanel::ConnectionPanel(QWidget *parent) : QWidget(parent)
{
    setObjectName(u"connectionPanel"_s);
    m_countdown.setSingleShot(true);
    m_countdown.setTimerType(Qt::PreciseTimer);
    connect(&m_countdown, &QTimer::timeout, this, &ConnectionPanel::showCountdown);
    makeFields();
    makeButtons();
    arrange();
    m_status->setStatus(StatusLevel::Off, u"Offline"_s);
    updateButtons();
}

void ConnectionPanel::makeFields()
{
    m_host = new QLineEdit(this);
    m_host->setObjectName(u"host"_s);
    m_host->setAccessibleName(u"Host"_s);
    m_host->setPlaceholderText(u"Name or address"_s);
    m_host->setToolTip(u"The server's name or IP address; HOST:PORT fills both fields"_s);

    m_port = newPortField(1, u"1 to 65535"_s, this);
    m_format = newFormatField(
        FrameFormatEditor::Auto::Without, 10,
        u"How both sides mark where a message ends; a Wireroom server finds it out by itself"_s, this);
    m_format->addChat();
    m_name = new QLineEdit(this);
    m_name->setObjectName(u"name"_s);
    m_name->setAccessibleName(u"Name"_s);
    m_name->setPlaceholderText(u"Who you are"_s);
    m_name->setMaxLength(int(chat::kMaxNameLength));
    m_name->setToolTip(u"What others see. The server knows you again by this name on this computer"_s);

    m_tls = new QCheckBox(u"Encrypted (&TLS)"_s, this);
    m_tls->setObjectName(u"tls"_s);
    m_tls->setAccessibleName(u"Encrypted (TLS)"_s);
    m_tls->setToolTip(
        u"Nobody on the way can read or change what is sent. A server that does not speak TLS is "
        "not connected to at all"_s);

    const auto handleEdit = [this] {
        updateButtons();
        Q_EMIT edited();
    };
    connect(m_host, &QLineEdit::textChanged, this, handleEdit);
    connect(m_host, &QLineEdit::editingFinished, this, &ConnectionPanel::splitHost);
    connect(m_port, &QSpinBox::valueChanged, this, handleEdit);
    connect(m_format, &FrameFormatEditor::valueChanged, this, handleEdit);
    connect(m_name, &QLineEdit::textChanged, this, handleEdit);
    connect(m_tls, &QCheckBox::toggled, this, handleEdit);
    for (const QLineEdit *edit : {m_host, m_port->findChild<QLineEdit *>(), m_name})
        connect(edit, &QLineEdit::returnPressed, this, &ConnectionPanel::requestConnect);
}

void ConnectionPanel::makeButtons()
{
    m_connect
        = newButton(IconName::Connect, u"Connect"_s, u"connect"_s, u"Connect to the server (Ctrl+R)"_s, this);
    setPrimary(m_connect);
    connect(m_connect, &QPushButton::clicked, this, &ConnectionPanel::requestConnect);

    m_disconnect
        = newButton(IconName::Disconnect, u"Disconnect"_s, u"disconnect"_s,
                    u"Send what is queued and close the connection, or stop trying (Ctrl+Shift+R)"_s, this);
    connect(m_disconnect, &QPushButton::clicked, this, &ConnectionPanel::disconnectRequested);

    m_status = new StatusLabel(this);
    m_status->setObjectName(u"status"_s);
    m_mark = new EncryptionMark(this);

    m_now = new QPushButton(u"Now"_s, this);
    m_now->setObjectName(u"retryNow"_s);
    m_now->setAccessibleName(u"Now"_s);
    m_now->setToolTip(u"Try again at once (F5)"_s);
    connect(m_now, &QPushButton::clicked, this, &ConnectionPanel::retryRequested);
}

void ConnectionPanel::arrange()
{
    FieldRow row(this);
    row.addField(u"H&ost"_s, m_host, 11 * kGrid, 34 * kGrid, 3);
    row.addField(u"&Port"_s, m_port, 8 * kGrid, 10 * kGrid, 0);
    row.addField(u"&Format"_s, m_format, 12 * kGrid, 36 * kGrid, 4);
    m_nameLabel = row.addField(u"Na&me"_s, m_name, 11 * kGrid, 24 * kGrid, 2);
    // Above the button that it is about.
    row.grid()->addWidget(m_tls, 0, row.columns(), 1, 2);
    row.addButton(m_connect);
    row.addButton(m_disconnect);
    // Below the button that ends the trying. Its place is kept while it is hidden: nothing jumps.
    QSizePolicy policy = m_now->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    m_now->setSizePolicy(policy);
    auto *status = new QHBoxLayout;
    status->setSpacing(0);
    status->addWidget(m_status);
    status->addWidget(m_mark);
    status->addStretch(1);
    row.grid()->addLayout(status, FieldRow::kStatusRow, 0, 1, row.columns() - 1);
    row.grid()->addWidget(m_now, FieldRow::kStatusRow, row.columns() - 1);
}

void ConnectionPanel::setConfig(const ClientConfig &config)
{
    m_host->setText(config.host);
    m_port->setValue(config.port);
    m_tls->setChecked(config.tls.has_value());
    if (config.chat) {
        m_format->setChat();
    } else {
        m_format->setValue(config.format);
    }
}

void ConnectionPanel::setName(const QString &name)
{
    m_name->setText(name);
}

void ConnectionPanel::applyTo(ClientConfig &config) const
{
    config.host = m_host->text().trimmed();
    config.port = static_cast<quint16>(m_port->value());
    if (!m_tls->isChecked())
        config.tls.reset();
    else if (!config.tls)
        config.tls.emplace();
    if (!m_format->isChat()) {
        config.format = m_format->value();
        config.chat.reset();
        return;
    }
    if (!config.chat)
        config.chat.emplace();
    config.chat->name = m_name->text().trimmed();
}

QString ConnectionPanel::name() const
{
    return m_name->text().trimmed();
}

bool ConnectionPanel::isEdited() const
{
    ClientConfig config = m_asked;
    applyTo(config);
    const auto nameOf = [](const ClientConfig &c) {
        return c.chat ? c.chat->name : QString();
    };
    return config.host != m_asked.host || config.port != m_asked.port
        || config.tls.has_value() != m_asked.tls.has_value()
        || config.chat.has_value() != m_asked.chat.has_value()
        || (config.chat ? nameOf(config) != nameOf(m_asked) : config.format != m_asked.format);
}

bool ConnectionPanel::canConnect() const
{
    return m_state == State::Offline || m_state == State::WaitingToRetry || m_state == State::Confirming
        || (m_state == State::Connecting && isEdited());
}

void ConnectionPanel::requestConnect()
{
    splitHost();
    if (!canConnect())
        return;
    if (m_format->isChat() && !chat::isAcceptableName(name())) {
        m_status->setStatus(StatusLevel::Error, u"A name is needed"_s,
                            u"1 to %1 characters, none of them invisible."_s.arg(chat::kMaxNameLength));
        m_name->setFocus();
        return;
    }
    Q_EMIT connectRequested();
}

/// Somebody may have pasted HOST:PORT, or an IPv6 address in brackets.
void ConnectionPanel::splitHost()
{
    const QString text = m_host->text().trimmed();
    if (const auto both = HostPort::fromString(text); both && !both->host.isEmpty() && both->port != 0) {
        m_port->setValue(both->port);
        m_host->setText(both->host);
    } else if (text.startsWith(u'[') && text.endsWith(u']')) {
        m_host->setText(text.mid(1, text.size() - 2));
    }
}

void ConnectionPanel::updateButtons()
{
    const bool canEdit = m_state != State::Handshake && m_state != State::Online && m_state != State::Closing;
    for (QWidget *field : std::initializer_list<QWidget *>{m_host, m_port, m_format, m_name, m_tls})
        field->setEnabled(canEdit);
    m_name->setVisible(m_format->isChat());
    m_nameLabel->setVisible(m_format->isChat());
    m_connect->setEnabled(canConnect());
    // With `stream`, sending is what connects.
    setPrimary(m_connect, canEdit && m_format->value().kind() != FrameFormat::Stream);
    m_disconnect->setEnabled(m_state != State::Offline);
    m_now->setVisible(m_state == State::WaitingToRetry);
}

void ConnectionPanel::showState(const ChatClient &client)
{
    m_state = client.state();
    m_asked = client.config();
    m_asked.host = m_asked.host.trimmed();
    m_reason = client.stateReason();
    m_retryAt = client.retryDeadline();

    QWidget *focus = window()->focusWidget();
    updateButtons();
    if (focus && isAncestorOf(focus))
        moveFocus(focus);
    showStatus(client);
    m_mark->showState(client);
}

/// Keeps the keyboard in this panel when what had it cannot have it any more, and gives it back later.
void ConnectionPanel::moveFocus(QWidget *focus)
{
    const bool canStay = focus->isEnabled() && !focus->isHidden();
    if (m_state == State::Offline || m_state == State::WaitingToRetry) {
        QWidget *back = m_focusBefore && m_focusBefore->isEnabled() ? m_focusBefore.data() : m_connect;
        if (!canStay || (m_focusBefore && focus == m_disconnect))
            back->setFocus();
        m_focusBefore.clear();
    } else if (!canStay) {
        if (focus != m_now)
            m_focusBefore = focus;
        m_disconnect->setFocus();
    }
}

void ConnectionPanel::showStatus(const ChatClient &client)
{
    m_countdown.stop();
    switch (m_state) {
    case State::Offline: {
        // With `stream` every connection ends so, and nothing is wrong.
        const bool wrong
            = !m_reason.isEmpty() && (m_asked.chat || m_asked.format.kind() != FrameFormat::Stream);
        m_status->setStatus(wrong ? StatusLevel::Error : StatusLevel::Off, u"Offline"_s, m_reason);
        break;
    }
    case State::Connecting:
        m_status->setStatus(StatusLevel::Busy,
                            u"Connecting to %1 …"_s.arg(HostPort{m_asked.host, m_asked.port}.toString()),
                            m_reason);
        break;
    case State::Confirming:
        m_status->setStatus(StatusLevel::Warning, u"Waiting for your decision"_s, m_reason);
        break;
    case State::Handshake:
        m_status->setStatus(StatusLevel::Busy, u"Joining …"_s, m_reason);
        break;
    case State::Online: {
        const QString peer = HostPort{client.peerAddress(), client.peerPort()}.toString();
        const QString format = m_asked.chat
            ? u"chat"_s
            : u"%1, %2"_s.arg(m_asked.format.toString(), m_asked.format.description());
        m_status->setStatus(StatusLevel::Ok, u"Connected to %1"_s.arg(peer),
                            m_asked.host == client.peerAddress() ? format
                                                                 : QString(m_asked.host % u" · " % format));
        break;
    }
    case State::WaitingToRetry:
        showCountdown();
        break;
    case State::Closing:
        m_status->setStatus(StatusLevel::Busy, u"Disconnecting …"_s, u"sending what is still queued"_s);
        break;
    }
}

void ConnectionPanel::showCountdown()
{
    const auto left = std::max(0ms, std::chrono::milliseconds(m_retryAt.remainingTime()));
    if (left == 0ms) {
        m_status->setStatus(StatusLevel::Warning, u"Trying again now"_s, m_reason);
        return;
    }
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left);
    m_status->setStatus(StatusLevel::Warning, u"Trying again in %1"_s.arg(durationText(seconds)), m_reason);
    m_countdown.start(left - (seconds - 1s));
}

void ConnectionPanel::focusConnect()
{
    m_connect->setFocus();
}

QString ConnectionPanel::statusText() const
{
    return m_status->text();
}

} // namespace wireroom
