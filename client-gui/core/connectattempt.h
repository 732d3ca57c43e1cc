// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/clientconfig.h"
#include "client-gui/core/tlshandshake.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

class QTcpSocket;

namespace wireroom {

/// The way to a connected socket: asks for the host's addresses and tries one after the other, each with its
/// own deadline (Qt's own waits 30 s for an address that does not answer), and encrypts where that is asked
/// for.
///
/// Owner: the link, in the network thread. One attempt at a time; each ends in exactly one call of
/// `connected` or `failed`, unless it is cancelled.
class ConnectAttempt : public QObject
{
public:
    /// With how it is encrypted, if it is: a QSslSocket then.
    using Connected = std::function<void(std::unique_ptr<QTcpSocket>, const std::optional<TlsState> &)>;
    using Failed = std::function<void(const ConnectFailure &)>;

    ConnectAttempt(Connected connected, Failed failed);
    ~ConnectAttempt() override;

    void begin(const ClientConfig &config);
    void cancel();

private:
    void tryNextAddress();
    void fail(const QString &why);
    void fail(const ConnectFailure &failure);
    void onConnected();
    void succeed(const std::optional<TlsState> &tls);
    QString place() const;

    Connected m_connected;
    Failed m_failed;
    ClientConfig m_config;
    int m_lookup = -1;               ///< while the host's addresses are asked for
    QList<QHostAddress> m_addresses; ///< still to be tried
    std::unique_ptr<QTcpSocket> m_socket;
    std::unique_ptr<TlsHandshake> m_handshake;
    QTimer m_deadline;
};

} // namespace wireroom
