// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/sendpanel.h"

#include "common/widgets/composer.h"
#include "common/widgets/composersettings.h"
#include "common/widgets/numbertext.h"
#include "server-gui/window/namebook.h"
#include "server-gui/window/recipientnames.h"

#include <QPointer>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kEveryone = u"all"_s;

QString clientsText(quint64 count)
{
    return countText(count) % (count == 1 ? u" client"_s : u" clients"_s);
}

} // namespace

SendPanel::SendPanel(ChatServer *server, const NameBook &names, IsConnected isConnected, QWidget *parent)
    : QWidget(parent), m_server(server), m_names(names), m_isConnected(std::move(isConnected)),
      m_composer(new Composer(Composer::Addressing::Chosen, this))
{
    setObjectName(u"sendPanel"_s);
    // As a focus proxy the message field would come before To for the Tab key.
    m_composer->setFocusProxy(nullptr);
    m_composer->setToHint(tr("all, IDs or names"),
                          tr("Who gets the message: all, names, IDs such as 1,3,5-8, or all except 2,4"));
    m_namesDelay.setSingleShot(true);
    m_namesDelay.setInterval(std::chrono::milliseconds(200));
    connect(&m_namesDelay, &QTimer::timeout, this, &SendPanel::offerNames);
    offerNames();
    connect(m_composer, &Composer::sendRequested, this, &SendPanel::send);
    connect(m_server, &ChatServer::stateChanged, this, &SendPanel::showState);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_composer);
    addressTo({});
    showState(m_server->state());
}

void SendPanel::namesChanged()
{
    m_namesDelay.start();
    if (m_composer->to() == m_filledTo)
        addressTo(m_filledFor);
}

void SendPanel::offerNames()
{
    QStringList offered = m_names.all();
    // What begins with a digit is an ID, and stays the one that was typed.
    offered.removeIf([](const QString &name) { return name.front().isDigit(); });
    offered.prepend(u"all except "_s);
    offered.prepend(kEveryone);
    m_composer->setToSuggestions(offered);
}

QString SendPanel::filledFor(const std::vector<ClientId> &clients) const
{
    if (clients.empty())
        return kEveryone;
    return clients.size() == 1 ? m_names.shown(clients.front()) : Recipients::only(clients).toString();
}

void SendPanel::addressTo(const std::vector<ClientId> &clients)
{
    m_filledFor = clients;
    m_filledTo = filledFor(clients);
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
    const Result<Recipients> recipients = recipientsFromTyped(to, m_names);
    if (!recipients) {
        m_composer->refused(recipients.error().text);
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
        m_composer->refused(result.error().text);
        return;
    }
    const SendReport &report = result.value();
    if (report.sent.empty() && report.failed.empty() && report.seq == 0) {
        m_composer->refused(u"Nobody is connected whom this could be sent to."_s);
        return;
    }
    const bool isTaken = !report.sent.empty() || report.seq > 0;
    if (isTaken)
        m_composer->accepted();
    const auto away = static_cast<quint64>(std::count_if(report.waiting.begin(), report.waiting.end(),
                                                         [this](ClientId id) { return !m_isConnected(id); }));
    if (away > 0)
        m_composer->showNotice(u"Stored; waits for %1."_s.arg(clientsText(away)));
    else if (report.sent.empty() && report.waiting.empty() && report.failed.empty())
        m_composer->showNotice(u"Stored; there is no client yet to read it."_s);
    if (report.failed.empty())
        return;
    std::vector<ClientId> failed;
    for (const auto &[id, reason] : report.failed)
        failed.push_back(id);
    const QString why
        = u"Not sent to %1: %2"_s.arg(Recipients::only(failed).toString(), report.failed.front().second);
    if (isTaken)
        m_composer->showError(why);
    else
        m_composer->refused(why);
}

void SendPanel::showState(ChatServer::State state)
{
    const bool listening = state == ChatServer::State::Listening;
    m_composer->setSendEnabled(listening, listening ? QString() : u"Start the server to send messages"_s);
}

} // namespace wireroom
