// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/messagelogmodel.h"
#include "server-gui/core/historystore.h"
#include "server-gui/core/serverevents.h"
#include "server-gui/window/namebook.h"

#include <vector>

namespace wireroom {

/// The rows of the message log that tell what a batch tells, in its order. `names` learns from the batch.
std::vector<LogEntry> logEntries(const ServerBatch &batch, NameBook &names);

/// How far a message of the operator's has got.
LogEntry::Reach logReach(const HistoryMessages::Reach &reach);

/// The row of a message of the history.
LogEntry logEntry(const HistoryMessage &message, const NameBook &names);

} // namespace wireroom
