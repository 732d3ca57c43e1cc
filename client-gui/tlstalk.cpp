// SPDX-License-Identifier: Apache-2.0
#include "client-gui/tlstalk.h"

#include "common/base/hostport.h"
#include "common/base/jsonline.h"
#include "common/base/terminalprogram.h"

#include <QCommandLineParser>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

using TrustedBy = TlsState::TrustedBy;

QString toString(TrustedBy trustedBy)
{
    switch (trustedBy) {
    case TrustedBy::Pin:
        return u"pin"_s;
    case TrustedBy::Authority:
        return u"authority"_s;
    case TrustedBy::Known:
        return u"known"_s;
    case TrustedBy::First:
        return u"first"_s;
    }
    return {};
}

QString day(const QDateTime &time)
{
    return time.toUTC().date().toString(Qt::ISODate);
}

QString indented(const Fingerprint &fingerprint)
{
    return QString(u"    "_s % fingerprint.toLines()).replace(u'\n', u"\n    "_s);
}

} // namespace

TlsOptions::TlsOptions()
    : tls(u"tls"_s,
          u"Encrypts (TLS 1.2 or newer), or does not connect: nothing is sent in the clear instead. A "
          "certificate that this computer's authorities vouch for is trusted, an expired one never; --pin "
          "decides on the others."_s),
      pin(u"pin"_s,
          u"With --tls: the FINGERPRINT that the server shows, to trust this certificate only; “first”, to "
          "keep the one that is seen first and refuse another one later; or “ask”, to ask at the terminal "
          "about a new or a changed one."_s,
          u"FINGERPRINT|first|ask"_s, u"ask"_s),
      knownServers(u"known-servers"_s,
                   u"With --tls: the file of the certificates that were trusted. By default %1."_s.arg(
                       ClientTls::defaultKnownServers()),
                   u"FILE"_s, ClientTls::defaultKnownServers())
{
}

std::optional<ClientTls> TlsOptions::read(const QCommandLineParser &parser) const
{
    if (!parser.isSet(tls)) {
        for (const QCommandLineOption &option : {pin, knownServers}) {
            if (parser.isSet(option))
                usageError(u"--%1 is for encrypting: give --tls."_s.arg(option.names().constFirst()));
        }
        return std::nullopt;
    }
    ClientTls read;
    read.knownServers = parser.value(knownServers);
    const QString how = parser.value(pin);
    if (how == "ask"_L1) {
        read.unknown = ClientTls::Unknown::Ask;
    } else if (how == "first"_L1) {
        read.unknown = ClientTls::Unknown::First;
    } else {
        read.pin = Fingerprint::fromString(how);
        if (!read.pin) {
            usageError(
                u"--pin takes “ask”, “first” or a fingerprint of 64 hexadecimal digits, not “%1”."_s.arg(
                    how));
        }
    }
    return read;
}

TlsTalk::TlsTalk(ChatClient &client, ConsoleOutput &output, bool json)
    : m_client(client), m_output(output), m_json(json)
{
    connect(&client, &ChatClient::stateChanged, this, &TlsTalk::onStateChanged);
}

QString TlsTalk::place() const
{
    return HostPort{m_client.config().host, m_client.config().port}.toString();
}

void TlsTalk::onStateChanged(ChatClient::State state)
{
    m_asked.reset();
    switch (state) {
    case ChatClient::State::Handshake:
    case ChatClient::State::Online:
        if (m_client.tls() && !std::exchange(m_isTold, true))
            tell(*m_client.tls());
        break;
    case ChatClient::State::Confirming:
        m_isTold = false;
        ask(*m_client.tlsQuestion());
        break;
    default:
        m_isTold = false;
        break;
    }
}

/// For programs; people are told by the client's notes.
void TlsTalk::tell(const TlsState &tls)
{
    if (!m_json)
        return;
    m_output.line(JsonLine("tls"_L1)
                      .add("fingerprint"_L1, tls.fingerprint.toString())
                      .add("protocol"_L1, tls.protocol)
                      .add("cipher"_L1, tls.cipher)
                      .add("trusted"_L1, toString(tls.trustedBy))
                      .toJson());
    m_output.flush();
}

void TlsTalk::ask(const TlsQuestion &question)
{
    if (m_json) {
        JsonLine line("untrusted"_L1);
        line.add("fingerprint"_L1, question.fingerprint.toString());
        if (question.before)
            line.add("before"_L1, question.before->toString());
        else
            line.addNull("before"_L1);
        line.add("subject"_L1, question.subject)
            .add("validFrom"_L1, question.validFrom.toUTC().toString(Qt::ISODate))
            .add("validTo"_L1, question.validTo.toUTC().toString(Qt::ISODate))
            .add("reason"_L1, question.reason);
        m_output.line(line.toJson());
        m_output.flush();
    }
    if (m_json || !LineReader::isTyped()) {
        const QString what = question.before ? m_client.stateReason()
                                             : u"The certificate of %1 is not known yet."_s.arg(place());
        Q_EMIT refused(u"%1 Nobody is at a terminal to confirm it. Where it is the server's own fingerprint, "
                       "this accepts it: wireroom-cli --tls --pin %2 %3"_s.arg(
                           what, question.fingerprint.toString(), place()));
        return;
    }
    printError(u"%1 It calls itself “%2” and is valid from %3 to %4."_s.arg(
        question.reason, question.subject, day(question.validFrom), day(question.validTo)));
    if (question.before)
        printError(u"Until now it was:\n%1"_s.arg(indented(*question.before)));
    printError(u"Compare this with what the server's window, or wireroom-serverd, shows:\n%1"_s.arg(
        indented(question.fingerprint)));
    printError(question.before
                   ? u"Type “yes” to trust the new certificate from now on, anything else to leave."_s
                   : u"Type “yes” to trust it from now on, anything else to leave."_s);
    m_asked = question.fingerprint;
    if (m_readsInput && !m_input) {
        m_input = std::make_unique<LineReader>();
        connect(m_input.get(), &LineReader::lineRead, this, [this](const QByteArray &line) { take(line); });
        connect(m_input.get(), &LineReader::ended, this, &TlsTalk::inputEnded);
    }
}

bool TlsTalk::take(const QByteArray &line)
{
    if (!m_asked)
        return false;
    const Fingerprint fingerprint = *std::exchange(m_asked, std::nullopt);
    if (line.trimmed().toLower() == "yes")
        m_client.trustCertificate(fingerprint);
    else
        Q_EMIT refused(u"The certificate of %1 was not confirmed."_s.arg(place()));
    return true;
}

void TlsTalk::inputEnded()
{
    if (m_asked)
        take({});
}

} // namespace wireroom
