// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/messagepanel.h"

#include "common/widgets/composer.h"
#include "common/widgets/composersettings.h"

#include <QPointer>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

MessagePanel::MessagePanel(ChatClient *client, QWidget *parent)
    : QWidget(parent), m_client(client), m_composer(new Composer(Composer::Addressing::Fixed, this))
{
    setObjectName(u"messagePanel"_s);
    connect(m_composer, &Composer::sendRequested, this, &MessagePanel::send);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_composer);
}

void MessagePanel::showState(ChatClient::State state, FrameFormat format)
{
    using State = ChatClient::State;
    const bool stream = format.kind() == FrameFormat::Stream;
    m_connects = stream && state == State::Offline;
    switch (state) {
    case State::Online:
        m_composer->setSendEnabled(true);
        break;
    case State::Closing:
        m_composer->setSendEnabled(false, u"Disconnecting: nothing more can be sent"_s);
        break;
    case State::Offline:
        m_composer->setSendEnabled(stream, stream ? QString() : u"Connect to send messages"_s);
        break;
    case State::Connecting:
    case State::Confirming:
    case State::Handshake:
    case State::WaitingToRetry:
        m_composer->setSendEnabled(stream,
                                   stream ? QString() : u"Messages can be sent once it is connected"_s);
        break;
    }
}

void MessagePanel::focusMessage()
{
    m_composer->focusMessage();
}

void MessagePanel::load(const QSettings &settings)
{
    loadComposer(*m_composer, settings);
}

void MessagePanel::save(QSettings &settings) const
{
    saveComposer(*m_composer, settings);
}

void MessagePanel::send(const QByteArray &payload)
{
    if (m_connects)
        Q_EMIT connectionNeeded();
    m_client->send(payload, [composer = QPointer(m_composer)](const Result<quint64> &result) {
        if (!composer)
            return;
        if (result)
            composer->accepted();
        else
            composer->refused(result.error().text);
    });
}

} // namespace wireroom
