// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historywaiting.h"

#include "server-gui/core/historyscope.h"

#include <QVariant>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

bool countWaiting(HistoryDatabase &database, const QHash<ClientId, quint64> &ackedSeqs,
                  HistoryWaiting &waiting)
{
    const auto indexed = database.meta("indexed"_L1);
    const auto newest = database.number(u"SELECT max(seq) FROM messages"_s);
    auto accounts = database.select(u"SELECT id, joined_seq, acked_seq FROM clients ORDER BY id"_s);
    if (!indexed || !newest || !accounts)
        return false;
    std::vector<HistoryRequest> requests;
    while (accounts->next()) {
        HistoryRequest request;
        const ClientId id(accounts->value(0).toULongLong());
        request.viewer = id;
        request.deliveriesOnly = true;
        request.joinedSeq = accounts->value(1).toULongLong();
        request.after = std::max(accounts->value(2).toULongLong(), ackedSeqs.value(id));
        requests.push_back(request);
    }
    accounts.reset();
    for (const HistoryRequest &request : requests) {
        std::optional<qint64> count = 0;
        if (request.after < static_cast<quint64>(*newest)) {
            const HistoryScope scope(database, request, *indexed);
            count = database.number(u"SELECT count(*) FROM (%1) AS w"_s.arg(
                scope.seqs(static_cast<qint64>(HistoryStore::kMostCounted))));
        }
        if (!count)
            return false;
        waiting.counts.push_back({*request.viewer, static_cast<quint64>(*count)});
    }
    return true;
}

} // namespace wireroom
