// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/faults/faultlink.h"

#include <QTcpServer>

#include <memory>
#include <vector>

namespace wireroom::faults {

/// Passes connections on to another place, and spoils them on the way. Says what it does in JSON lines.
///
/// Owner: the program, or a test. Lives in one thread with an event loop.
class FaultProxy : public QTcpServer
{
public:
    FaultProxy(const FaultOptions &options, FaultLink::Report report);
    ~FaultProxy() override;

    /// Resolves, and begins to listen. The error is a sentence.
    Result<quint16> open();

    /// `cut`, `reset`, `black-hole on`, `black-hole off`, `refuse on`, `refuse off`: of all connections.
    /// False for anything else.
    bool command(QStringView text);

protected:
    void incomingConnection(qintptr socket) override;

private:
    FaultOptions m_options;
    FaultLink::Report m_report;
    QHostAddress m_target;
    quint64 m_lastNumber = 0;
    bool m_isBlackHole = false;
    bool m_refuses = false;
    std::vector<std::unique_ptr<FaultLink>> m_links;
};

} // namespace wireroom::faults
