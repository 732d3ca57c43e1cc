// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"
#include "common/base/consoleoutput.h"
#include "common/base/linereader.h"

#include <QCommandLineOption>

#include <memory>

class QCommandLineParser;

namespace wireroom {

/// --tls, --pin and --known-servers, for wireroom-cli.
struct TlsOptions
{
    TlsOptions();

    QList<QCommandLineOption> all() const { return {tls, pin, knownServers}; }

    /// Ends the program where they make no sense.
    std::optional<ClientTls> read(const QCommandLineParser &parser) const;

    QCommandLineOption tls;
    QCommandLineOption pin;
    QCommandLineOption knownServers;
};

/// What wireroom-cli says of TLS, and the question that a person at the terminal answers.
///
/// Owner: the program's main object, which hands it the lines that are typed. Without a terminal, or with
/// JSON, the question is answered with no.
class TlsTalk : public QObject
{
    Q_OBJECT

public:
    /// To be created before others hear of the client's states, as what it says comes first.
    TlsTalk(ChatClient &client, ConsoleOutput &output, bool json);

    /// Nobody reads standard input: this may, for an answer.
    void setReadsInput() { m_readsInput = true; }

    /// True where the line was an answer.
    bool take(const QByteArray &line);
    /// No answer can come any more.
    void inputEnded();

Q_SIGNALS:
    /// The server's certificate is not to be trusted: it is time to leave.
    void refused(const QString &why);

private:
    void onStateChanged(ChatClient::State state);
    void tell(const TlsState &tls);
    void ask(const TlsQuestion &question);
    QString place() const;

    ChatClient &m_client;
    ConsoleOutput &m_output;
    std::unique_ptr<LineReader> m_input;
    std::optional<Fingerprint> m_asked;
    bool m_json;
    bool m_readsInput = false;
    bool m_isTold = false; ///< of this connection
};

} // namespace wireroom
