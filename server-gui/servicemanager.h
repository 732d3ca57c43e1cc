// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>

#include <chrono>
#include <optional>

namespace wireroom {

/// Where a service manager (systemd) started the program: what it is told, by the protocol of sd_notify(3).
/// Everywhere else these do nothing. Main thread.

/// `READY=1`, `STOPPING=1`, `WATCHDOG=1`, `STATUS=…`. Linux only.
void tellServiceManager(const QByteArray &state);

/// How often it wants to hear `WATCHDOG=1` at least; nothing where it does not.
std::optional<std::chrono::microseconds> watchdogInterval();

/// True where what is written to that descriptor (1, 2) goes to the journal, which has its own time stamps
/// and takes a line's priority from `<6>` at its beginning.
bool isJournal(int descriptor);

} // namespace wireroom
