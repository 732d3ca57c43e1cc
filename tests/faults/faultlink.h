// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/jsonline.h"
#include "common/transport/descriptor.h"
#include "tests/faults/faultstream.h"

#include <QElapsedTimer>
#include <QHostAddress>
#include <QSocketNotifier>
#include <QTimer>

#include <array>
#include <functional>
#include <memory>

namespace wireroom::faults {

/// One connection through the proxy: two sockets, and a FaultStream for each way between them.
///
/// Owner: the FaultProxy, which is told the end. Lives in its thread.
class FaultLink : public QObject
{
public:
    using Report = std::function<void(const JsonLine &)>;

    FaultLink(quint64 number, const FaultOptions &options, const QHostAddress &target, Descriptor client,
              Report report, std::function<void()> ended);

    quint64 number() const { return m_number; }

    // By hand, at once.
    void cut();
    void reset();
    void setBlackHole(bool swallows);

private:
    /// One end of the connection; what it sends takes the way of the same index.
    struct Side
    {
        Descriptor socket;
        std::unique_ptr<QSocketNotifier> readable;
        std::unique_ptr<QSocketNotifier> writable;
        QByteArray pending; ///< taken from the other's stream, not written yet
        FaultStream::End endAfter = FaultStream::End::None;
        quint64 received = 0;
        bool hasEnded = false;
        bool isShut = false; ///< we have ended our sending to it
    };

    void open(size_t side, Descriptor socket);
    void connectTo(const QHostAddress &target, quint16 port);
    void onConnected();
    void read(size_t from);
    void pump(size_t way);
    bool flush(size_t side);
    void pumpAll();
    void end(size_t way, FaultStream::End end);
    void shut(size_t side);
    void linger();
    void tear();
    void finishWhenBothEnded();
    void finish();
    void tellFaults();
    void tellFault(QLatin1StringView name);

    const quint64 m_number;
    Report m_report;
    std::function<void()> m_ended;
    std::array<Side, 2> m_sides;
    std::array<FaultStream, 2> m_streams;
    QElapsedTimer m_clock;
    QTimer m_timer;
    QTimer m_lingerTimer;
    bool m_isConnected = false;
    bool m_isCut = false; ///< both are told the end; what they still say is forgotten
    bool m_isFinished = false;
};

} // namespace wireroom::faults
