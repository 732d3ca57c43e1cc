// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/messagelogmodel.h"
#include "server-gui/core/serverevents.h"

#include <vector>

namespace wireroom {

/// The rows of the message log that tell what a batch tells, in its order.
std::vector<LogEntry> logEntries(const ServerBatch &batch);

} // namespace wireroom
