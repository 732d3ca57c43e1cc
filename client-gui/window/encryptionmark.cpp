// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/encryptionmark.h"

#include "common/widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHostAddress>
#include <QLabel>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kPictureSize = 16;

QString howTrusted(TlsState::TrustedBy trustedBy)
{
    switch (trustedBy) {
    case TlsState::TrustedBy::Pin:
        return u"Its certificate is the one that was asked for."_s;
    case TlsState::TrustedBy::Authority:
        return u"An authority that this computer trusts has signed its certificate."_s;
    case TlsState::TrustedBy::Known:
        return u"Its certificate is the one that was trusted before."_s;
    case TlsState::TrustedBy::First:
        return u"Its certificate was seen for the first time, and is remembered."_s;
    }
    return {};
}

} // namespace

EncryptionMark::EncryptionMark(QWidget *parent)
    : QWidget(parent), m_picture(new QLabel(this)), m_word(new QLabel(this))
{
    setObjectName(u"encryptionMark"_s);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(kGrid, 0, 0, 0);
    layout->setSpacing(kGrid / 2);
    layout->addWidget(m_picture);
    layout->addWidget(m_word);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    hide();
}

void EncryptionMark::showState(const ChatClient &client)
{
    const bool isConnected
        = client.state() == ChatClient::State::Handshake || client.state() == ChatClient::State::Online;
    m_isEncrypted = client.tls().has_value();
    if (!isConnected || (!m_isEncrypted && QHostAddress(client.peerAddress()).isLoopback())) {
        hide();
        return;
    }
    if (m_isEncrypted) {
        const TlsState &tls = *client.tls();
        m_word->setText(u"Encrypted"_s);
        setToolTip(u"Encrypted with %1, %2\n%3\nFingerprint:\n%4"_s.arg(
            tls.protocol, tls.cipher, howTrusted(tls.trustedBy), tls.fingerprint.toLines()));
    } else {
        m_word->setText(u"Not encrypted"_s);
        setToolTip(u"Whoever is between this computer and the server can read all this, and change it.\n"
                   "Choose “Encrypted (TLS)” before connecting, if the server speaks it."_s);
    }
    m_word->setAccessibleName(m_word->text());
    m_word->setAccessibleDescription(toolTip());
    tint();
    show();
}

void EncryptionMark::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        tint();
    QWidget::changeEvent(event);
}

void EncryptionMark::tint()
{
    const ThemeColors colors = themeColors(palette());
    const QColor color = m_isEncrypted ? colors.ok : colors.warning;
    m_picture->setPixmap(iconPixmap(m_isEncrypted ? IconName::Lock : IconName::Unlock, color, kPictureSize,
                                    devicePixelRatioF()));
}

} // namespace wireroom
