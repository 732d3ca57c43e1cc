// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/tlshandshake.h"

#include "client-gui/core/pinstore.h"
#include "common/base/hostport.h"
#include "common/base/payloadtext.h"

#include <QLocale>
#include <QSslCipher>
#include <QSslConfiguration>
#include <QSslError>
#include <QSslSocket>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// A handshake is some kilobytes long, with a long chain of certificates some tens.
constexpr qint64 kMostHandshakeBytes = 256 * 1024;

/// Of what a server said that does not speak TLS, in a sentence.
constexpr qint64 kShownAnswer = 60;

/// What a TLS record begins with that says why there is nothing more.
constexpr char kAlert = 0x15;

/// A TLS record begins with one of four kinds and a version.
bool looksLikeTls(const QByteArray &bytes)
{
    return !bytes.isEmpty() && bytes[0] >= 0x14 && bytes[0] <= 0x17 && (bytes.size() < 2 || bytes[1] == 3);
}

QSslConfiguration configurationFor(const ClientTls &tls)
{
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
    // Naming any keeps Qt from loading the system's by itself.
    if (!tls.authorities.isEmpty()) {
        configuration.setCaCertificates(QSslConfiguration::systemCaCertificates());
        configuration.addCaCertificates(tls.authorities);
    }
    return configuration;
}

QString dayText(const QDateTime &time)
{
    return time.toUTC().date().toString(Qt::ISODate);
}

/// The name that a certificate gives itself, shown as text whatever it is.
QString subjectOf(const QSslCertificate &certificate)
{
    QString name = certificate.subjectDisplayName();
    if (name.isEmpty())
        name = u"(no name)"_s;
    return payloadLine(name.toUtf8(), true, 100);
}

/// Why the system's store does not vouch for it; nothing where it does.
QString reasonFor(const QList<QSslError> &errors, const QString &host)
{
    for (const QSslError &error : errors) {
        switch (error.error()) {
        case QSslError::SelfSignedCertificate:
        case QSslError::SelfSignedCertificateInChain:
            return u"It is signed by itself, not by an authority that this computer trusts."_s;
        case QSslError::UnableToGetLocalIssuerCertificate:
        case QSslError::UnableToGetIssuerCertificate:
        case QSslError::UnableToVerifyFirstCertificate:
        case QSslError::CertificateUntrusted:
            return u"It is signed by an authority that this computer does not know."_s;
        default:
            break;
        }
    }
    for (const QSslError &error : errors) {
        if (error.error() == QSslError::HostNameMismatch)
            return u"It is made out to another name than %1."_s.arg(host);
    }
    return errors.isEmpty() ? QString() : QString(errors.first().errorString() % u'.');
}

} // namespace

QString ClientTls::defaultKnownServers()
{
    return PinStore::defaultFile();
}

TlsHandshake::TlsHandshake(QSslSocket &socket, const ClientConfig &config, Done done, Failed failed)
    : m_socket(socket), m_config(config), m_place(HostPort{config.host, config.port}.toString()),
      m_done(std::move(done)), m_failed(std::move(failed))
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        fail(
            {ConnectFailure::Kind::Unreachable,
             u"%1 took the connection but did not finish the TLS handshake in %2 s. It may not speak TLS, or "
             "be overloaded."_s.arg(m_place,
                                    QString::number(double(m_config.tls->deadline.count()) / 1000))});
    });
}

void TlsHandshake::begin()
{
    if (!QSslSocket::supportsSsl()) {
        fail({ConnectFailure::Kind::Refused,
              u"This computer has no TLS library that Qt can use: OpenSSL is missing."_s});
        return;
    }
    connect(&m_socket, &QSslSocket::sslErrors, this, &TlsHandshake::judge);
    connect(&m_socket, &QSslSocket::encrypted, this, &TlsHandshake::onEncrypted);
    connect(&m_socket, &QSslSocket::errorOccurred, this, &TlsHandshake::onError);
    m_deadline.start(m_config.tls->deadline);
    m_socket.setReadBufferSize(kMostHandshakeBytes);
    // A server that speaks no TLS is known by what it says instead. That is only kept where somebody may want
    // it once more.
    m_bytes = m_socket.findChild<QTcpSocket *>(QString(), Qt::FindDirectChildrenOnly);
    if (m_bytes)
        m_bytes->startTransaction();
    m_socket.setSslConfiguration(configurationFor(*m_config.tls));
    m_socket.setPeerVerifyName(m_config.host);
    m_socket.startClientEncryption();
}

void TlsHandshake::stop()
{
    m_deadline.stop();
    m_socket.disconnect(this);
}

/// Before the handshake is over where the system finds fault with the certificate, else after it.
void TlsHandshake::judge(const QList<QSslError> &errors)
{
    const QSslCertificate certificate = m_socket.peerCertificate();
    if (certificate.isNull()) {
        refuse(u"%1 showed no certificate."_s.arg(m_place));
        return;
    }
    const QDateTime now = QDateTime::currentDateTimeUtc();
    if (!(certificate.expiryDate() >= now)) {
        refuse(u"The certificate of %1 has expired on %2 (today is %3). Its operator must renew it."_s.arg(
            m_place, dayText(certificate.expiryDate()), dayText(now)));
        return;
    }
    if (!(certificate.effectiveDate() <= now)) {
        refuse(
            u"The certificate of %1 is valid from %2 on only (today is %3). Is this computer's clock right?"_s
                .arg(m_place, dayText(certificate.effectiveDate()), dayText(now)));
        return;
    }
    const Fingerprint fingerprint = Fingerprint::of(certificate);
    if (m_config.tls->pin) {
        if (fingerprint == *m_config.tls->pin)
            m_trusted = TlsState::TrustedBy::Pin;
        else
            refuse(
                u"%1 is not the server that was asked for: its certificate has the fingerprint %2, not %3."_s
                    .arg(m_place, fingerprint.toString(), m_config.tls->pin->toString()));
    } else if (errors.isEmpty()) {
        m_trusted = TlsState::TrustedBy::Authority;
    } else {
        judgeUnsigned(fingerprint, reasonFor(errors, m_config.host));
    }
    if (m_trusted && !errors.isEmpty())
        m_socket.ignoreSslErrors();
}

/// A certificate that nobody vouches for: what was seen before decides.
void TlsHandshake::judgeUnsigned(const Fingerprint &fingerprint, const QString &reason)
{
    const PinStore store(m_config.tls->knownServers);
    const HostPort place{m_config.host, m_config.port};
    const Result<std::optional<Fingerprint>> known = store.find(place);
    if (!known) {
        refuse(known.error().text);
        return;
    }
    const std::optional<Fingerprint> &before = known.value();
    if (before == fingerprint) {
        m_trusted = TlsState::TrustedBy::Known;
        return;
    }
    if (m_config.tls->unknown == ClientTls::Unknown::First && !before) {
        if (const std::optional<Error> error = store.keep(place, fingerprint, before))
            refuse(error->text);
        else
            m_trusted = TlsState::TrustedBy::First;
        return;
    }
    const QString text = before
        ? u"The certificate of %1 has changed: its fingerprint is %2, and was %3. Somebody may be listening "
          "in, or the server has a new certificate. Ask its operator."_s.arg(m_place, fingerprint.toString(),
                                                                             before->toString())
        : u"%1 is not known yet: its certificate has the fingerprint %2."_s.arg(m_place,
                                                                                fingerprint.toString());
    if (m_config.tls->unknown == ClientTls::Unknown::First) {
        refuse(text);
        return;
    }
    const QSslCertificate certificate = m_socket.peerCertificate();
    m_refusal = {ConnectFailure::Kind::Unconfirmed, text,
                 TlsQuestion{fingerprint, before, subjectOf(certificate), certificate.effectiveDate(),
                             certificate.expiryDate(), reason}};
}

void TlsHandshake::refuse(const QString &text)
{
    m_refusal = {ConnectFailure::Kind::Refused, text};
}

void TlsHandshake::onEncrypted()
{
    if (!m_trusted && !m_refusal)
        judge({});
    if (!m_trusted) {
        fail(*m_refusal);
        return;
    }
    stop();
    if (m_bytes)
        m_bytes->commitTransaction();
    const QSslCipher cipher = m_socket.sessionCipher();
    m_done({Fingerprint::of(m_socket.peerCertificate()), cipher.protocolString(), cipher.name(), *m_trusted});
}

void TlsHandshake::onError()
{
    fail(m_refusal.value_or(ConnectFailure{ConnectFailure::Kind::Unreachable, describeError()}));
}

void TlsHandshake::fail(const ConnectFailure &failure)
{
    stop();
    m_failed(failure);
}

/// What a server that speaks no TLS said instead, as far as it has come.
QByteArray TlsHandshake::answerSoFar() const
{
    if (!m_bytes || !m_bytes->isTransactionStarted())
        return {};
    m_bytes->rollbackTransaction();
    return m_bytes->peek(kShownAnswer);
}

QString TlsHandshake::describeError() const
{
    const QByteArray answer = answerSoFar();
    if (!answer.isEmpty() && !looksLikeTls(answer)) {
        return u"%1 does not speak TLS: it answered “%2”."_s.arg(
            m_place, isShownAsText(answer) ? payloadLine(answer, true, kShownAnswer) : payloadHex(answer));
    }
    if (answer.startsWith(kAlert)) {
        return u"%1 refused the TLS handshake: encryption is off there, or older than TLS 1.2 (%2)."_s.arg(
            m_place, m_socket.errorString());
    }
    switch (m_socket.error()) {
    case QAbstractSocket::RemoteHostClosedError:
        return u"%1 closed the connection instead of a TLS handshake: it does not speak TLS, or takes no "
               u"more "
               "clients."_s.arg(m_place);
    case QAbstractSocket::SslHandshakeFailedError:
    case QAbstractSocket::SslInternalError:
    case QAbstractSocket::SslInvalidUserDataError:
        return u"The TLS handshake with %1 failed: %2. Both sides need TLS 1.2 or newer."_s.arg(
            m_place, m_socket.errorString());
    default:
        return u"The connection to %1 broke during the TLS handshake: %2."_s.arg(m_place,
                                                                                 m_socket.errorString());
    }
}

} // namespace wireroom
