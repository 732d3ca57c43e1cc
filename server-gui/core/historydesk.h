// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/dispatcher.h"

#include <unordered_map>

namespace wireroom {

/// Asks the history on behalf of others: for a chat client that has missed something, for one that scrolls or
/// searches, for the operator. Lives with the hub, in the network thread.
class HistoryDesk
{
public:
    using Answer = std::function<void(const Result<HistoryMessages> &)>;

    /// A client may have so many queries open; beyond it, reading from it pauses.
    static constexpr int kMostQueries = 8;

    HistoryDesk(ClientRegistry &registry, Accounts &accounts, Dispatcher &dispatcher)
        : m_registry(registry), m_accounts(accounts), m_dispatcher(dispatcher)
    {
    }

    void open(HistoryStore *history);
    /// What was asked is not answered any more, except to the operator: with an error.
    void shut();

    /// Sends a client in the stage CatchingUp what it has missed, a page at a time; afterwards it is Live. To
    /// be called again when its queue has drained and when it has acknowledged something.
    void catchUp(Session &session);

    /// Receipts for what this client said lately; it may have missed them.
    void tellReceipts(Session &session);

    void query(Session &session, const chat::HistoryQuery &query);

    void read(const HistoryRequest &request, Answer answer);

    void pageRead(const HistoryPageRead &read);

private:
    struct Asked
    {
        enum class For : quint8 { CatchUp, Receipts, Query, Operator };
        For purpose;
        ClientId id;
        quint64 serial = 0;
        quint64 query = 0;
        Answer answer;
    };

    void ask(Session &session, Asked::For purpose, HistoryRequest &&request, quint64 query = 0);
    void sendMissed(Session &session, const HistoryMessages &page);
    void sendPage(Session &session, quint64 query, const Result<HistoryMessages> &page);
    std::vector<HistoryMessages::Reach> reachOf(const std::vector<HistoryMessage> &messages) const;
    void sendReceipts(Session &session, const std::vector<HistoryMessage> &messages);

    ClientRegistry &m_registry;
    Accounts &m_accounts;
    Dispatcher &m_dispatcher;
    HistoryStore *m_history = nullptr;
    quint64 m_lastRequest = 0;
    std::unordered_map<quint64, Asked> m_asked;
};

} // namespace wireroom
