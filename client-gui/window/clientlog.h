// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"
#include "common/widgets/messagelogmodel.h"

#include <vector>

namespace wireroom {

/// What the client reported, as rows of the message log, in the same order.
std::vector<LogEntry> logEntries(const ClientBatch &batch);

} // namespace wireroom
