// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/historydatabase.h"
#include "server-gui/core/historystore.h"

#include <QHash>

namespace wireroom {

/// Counts, for each account, the messages that are to be delivered to it and that it has not acknowledged
/// (`ackedSeqs` may know more of that than the database). Inside a transaction of the reader's; false: an
/// error of the database.
bool countWaiting(HistoryDatabase &database, const QHash<ClientId, quint64> &ackedSeqs,
                  HistoryWaiting &waiting);

} // namespace wireroom
