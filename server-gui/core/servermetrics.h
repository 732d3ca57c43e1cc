// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"

namespace wireroom {

/// What a monitoring program is told. A value; the counters never go down while the server runs.
struct ServerMetrics
{
    enum class History : quint8 { None, Works, Failing };

    ServerTotals totals;
    quint64 chatClients = 0; ///< connected now
    quint64 knownClients = 0;
    quint64 loginFailures = 0;
    quint64 hashJobs = 0;
    quint64 queuedBytes = 0; ///< that wait for slow readers now
    History history = History::None;
};

/// In Prometheus' text format 0.0.4.
QByteArray toPrometheus(const ServerMetrics &metrics);

} // namespace wireroom
