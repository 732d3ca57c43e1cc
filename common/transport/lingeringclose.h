// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/descriptor.h"

#include <QDeadlineTimer>
#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

class QSocketNotifier;
class QSslSocket;

namespace wireroom {

/// Closes sockets so that the peer reads everything sent before, and an end, instead of a reset.
///
/// A socket that is closed while unread bytes lie in it resets the connection, and the peer may lose what it
/// had not read yet. So sending is ended first, and what still comes is read and forgotten until the peer
/// ends too, a second at most. Owner: the thread's IoContext. Those left at its end are closed as they are.
class LingeringClose : public QObject
{
public:
    explicit LingeringClose(QObject *parent = nullptr);
    ~LingeringClose() override;

    void add(Descriptor socket);

    /// The same for a TLS socket that has sent everything; it is closed afterwards. The peer is told inside
    /// TLS, too, that this is an end and not a cut.
    void add(QSslSocket &socket);

private:
    struct Entry;
    void remove(const Entry *entry);
    void closeOverdue();

    std::vector<std::unique_ptr<Entry>> m_entries; ///< in the order of their deadlines
    QTimer m_timer;
};

} // namespace wireroom
