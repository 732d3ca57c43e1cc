// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/transport/descriptor.h"
#include "server-gui/core/serverconfig.h"

#include <QDeadlineTimer>
#include <QHostAddress>
#include <QTimer>

#include <functional>
#include <memory>

class QSocketNotifier;
class QTcpServer;

namespace wireroom {

/// The listening socket: hands over bare descriptors, since what kind of socket a peer needs is known only
/// after its first bytes.
///
/// Accepts by itself: QTcpServer sees only the first of several errors, and then spins where the system has
/// no descriptor left. Who comes then is refused with one that is kept for this. Lives with the hub, in the
/// network thread.
class Listener : public QObject
{
public:
    using Accept = std::function<void(Descriptor)>;
    using Trouble = std::function<void(const QString &)>;

    /// `trouble` is told when the system has no descriptors left, but not time and again.
    Listener(Accept accept, Trouble trouble, QObject *parent = nullptr);
    ~Listener() override;

    /// The error is a sentence for people, with what to do about it.
    Result<quint16> open(const ServerConfig &config);

    QHostAddress serverAddress() const;

    /// Who comes meanwhile waits.
    void pauseAccepting();
    void resumeAccepting();

    /// Listens no more, for good.
    void shut();

private:
    void acceptAll();
    bool refuseOne();
    void restLater();

    Accept m_accept;
    Trouble m_trouble;
    std::unique_ptr<QTcpServer> m_server;
    Descriptor m_spare; ///< given up for a moment to refuse somebody
    std::unique_ptr<QSocketNotifier> m_notifier;
    QTimer m_resume; ///< runs while even that does not work
    bool m_isPaused = false;
    QDeadlineTimer m_quiet; ///< until then nobody is told of trouble again
};

} // namespace wireroom
