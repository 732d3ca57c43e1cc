// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/sendpanel.h"

#include "common/widgets/composer.h"
#include "common/widgets/composersettings.h"

#include <QPointer>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kEveryone = u"all"_s;

} // namespace

SendPanel::SendPanel(ChatServer *server, QWidget *parent)
    : QWidget(parent), m_server(server), m_composer(new Composer(Composer::Addressing::Chosen, this))
{
    setObjectName(u"sendPanel"_s);
    // As a focus proxy the message field would come before To for the Tab key.
    m_composer->setFocusProxy(nullptr);
    m_composer->setToSuggestions({kEveryone, u"all except "_s});
    connect(m_composer, &Composer::sendRequested, this, &SendPanel::send);
    connect(m_server, &ChatServer::stateChanged, this, &SendPanel::showState);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_composer);
    addressTo({});
    showState(m_server->state());
}

void SendPanel::addressTo(const std::vector<ClientId> &clients)
{
    m_filledTo = clients.empty() ? kEveryone : Recipients::only(clients).toString();
    m_composer->setTo(m_filledTo);
}

void SendPanel::followSelection(const std::vector<ClientId> &clients)
{
    if (m_composer->to().isEmpty() || m_composer->to() == m_filledTo)
        addressTo(clients);
}

void SendPanel::focusMessage()
{
    m_composer->focusMessage();
}

void SendPanel::load(const QSettings &settings)
{
    loadComposer(*m_composer, settings);
}

void SendPanel::save(QSettings &settings) const
{
    saveComposer(*m_composer, settings);
}

void SendPanel::send(const QByteArray &payload, const QString &to)
{
    const Result<Recipients> recipients = Recipients::parse(to);
    if (!recipients) {
        m_composer->showError(recipients.error().text);
        return;
    }
    m_server->send(recipients.value(), payload, [panel = QPointer(this)](const Result<SendReport> &result) {
        if (panel)
            panel->showReport(result);
    });
}

void SendPanel::showReport(const Result<SendReport> &result)
{
    if (!result) {
        m_composer->showError(result.error().text);
        return;
    }
    const SendReport &report = result.value();
    if (report.sent.empty() && report.failed.empty()) {
        m_composer->showError(u"Nobody is connected whom this could be sent to."_s);
        return;
    }
    if (!report.sent.empty())
        m_composer->accepted();
    if (report.failed.empty())
        return;
    std::vector<ClientId> failed;
    for (const auto &[id, reason] : report.failed)
        failed.push_back(id);
    m_composer->showError(
        u"Not sent to %1: %2"_s.arg(Recipients::only(failed).toString(), report.failed.front().second));
}

void SendPanel::showState(ChatServer::State state)
{
    const bool listening = state == ChatServer::State::Listening;
    m_composer->setSendEnabled(listening, listening ? QString() : u"Start the server to send messages"_s);
}

} // namespace wireroom
