// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/clientconfig.h"
#include "client-gui/core/clienttls.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>
#include <optional>

class QSslError;
class QSslSocket;
class QTcpSocket;

namespace wireroom {

/// Why a connection was not made.
struct ConnectFailure
{
    enum class Kind : quint8 {
        Unreachable, ///< may pass; another of the host's addresses may do
        Refused,     ///< the server is not the right one: it comes to the same the next time
        Unconfirmed, ///< refused until a person answers `question`
    };
    Kind kind = Kind::Unreachable;
    QString text; ///< a sentence
    std::optional<TlsQuestion> question = {};
};

/// The client's side of a TLS handshake on a connected socket, with its deadline, and the verdict on the
/// server's certificate. Nothing else is sent before that.
///
/// Owner: the attempt to connect, in the network thread. Ends in one call of `done` or `failed`, unless it is
/// stopped before; the socket stays its owner's. Deleted later, as the call is its own.
class TlsHandshake : public QObject
{
public:
    using Done = std::function<void(const TlsState &)>;
    using Failed = std::function<void(const ConnectFailure &)>;

    TlsHandshake(QSslSocket &socket, const ClientConfig &config, Done done, Failed failed);

    /// It may end in here.
    void begin();
    /// From now on nothing is called.
    void stop();

private:
    void judge(const QList<QSslError> &errors);
    void judgeUnsigned(const Fingerprint &fingerprint, const QString &reason);
    void refuse(const QString &text);
    void onEncrypted();
    void onError();
    void fail(const ConnectFailure &failure);
    QString describeError() const;
    QByteArray answerSoFar() const;

    QSslSocket &m_socket;
    ClientConfig m_config;
    QString m_place;
    Done m_done;
    Failed m_failed;
    QTimer m_deadline;
    QPointer<QTcpSocket> m_bytes; ///< what is below the encryption
    std::optional<TlsState::TrustedBy> m_trusted;
    std::optional<ConnectFailure> m_refusal;
};

} // namespace wireroom
