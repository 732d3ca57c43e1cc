// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/servermetrics.h"

namespace wireroom {

QByteArray toPrometheus(const ServerMetrics &metrics)
{
    QByteArray text;
    const auto add = [&](const char *name, const char *type, const char *help, quint64 value) {
        text += QByteArray("# HELP wireroom_") + name + ' ' + help + "\n# TYPE wireroom_" + name + ' ' + type
            + "\nwireroom_" + name + ' ' + QByteArray::number(value) + '\n';
    };
    add("clients", "gauge", "Clients that are connected.", metrics.totals.clients);
    add("chat_clients", "gauge", "Chat clients that have joined and are connected.", metrics.chatClients);
    add("known_clients", "gauge", "Chat clients that the server knows, connected or not.",
        metrics.knownClients);
    add("messages_received_total", "counter", "Messages from clients.", metrics.totals.framesIn);
    add("messages_sent_total", "counter", "Messages to clients, each recipient counted.",
        metrics.totals.framesOut);
    add("received_bytes_total", "counter", "Bytes of messages from clients.", metrics.totals.bytesIn);
    add("sent_bytes_total", "counter", "Bytes of messages to clients.", metrics.totals.bytesOut);
    add("refusals_total", "counter", "Connections that were refused or ended over what came on them.",
        metrics.totals.refused);
    add("held_back_total", "counter", "How often a client was not read from for sending too much.",
        metrics.totals.heldBack);
    add("slow_dropped_total", "counter", "Clients that were dropped because they did not read.",
        metrics.totals.slowDropped);
    add("login_failures_total", "counter", "Wrong passwords.", metrics.loginFailures);
    add("password_hashes_total", "counter", "Passwords that were hashed.", metrics.hashJobs);
    add("queued_bytes", "gauge", "Bytes that wait for slow readers, for all clients together.",
        metrics.queuedBytes);
    add("history_kept", "gauge", "1 where messages are kept.",
        metrics.history != ServerMetrics::History::None);
    add("history_failing", "gauge", "1 while the history cannot be written.",
        metrics.history == ServerMetrics::History::Failing);
    return text;
}

} // namespace wireroom
