// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/transport/iothreads.h"
#include "server-gui/core/admission.h"
#include "server-gui/core/chatroom.h"
#include "server-gui/core/clientregistry.h"
#include "server-gui/core/eventfeed.h"
#include "server-gui/core/handshakes.h"
#include "server-gui/core/hublink.h"
#include "server-gui/core/idcounter.h"
#include "server-gui/core/listener.h"
#include "server-gui/core/queuekeeper.h"
#include "server-gui/core/ratekeeper.h"
#include "server-gui/core/router.h"

#include <QTimer>

#include <memory>
#include <optional>

namespace wireroom {

/// The server's middle: lets clients in, keeps them, does what ChatServer asks, and reports.
///
/// Created, used and destroyed in the network thread, by its main function. Owns all that lives there.
class Hub : public QObject, private SessionHost
{
public:
    explicit Hub(Inbox<HubReply> &replies);
    ~Hub() override;

    /// Where ChatServer posts its commands.
    Inbox<HubCommand> &commands() { return m_commands; }

private:
    enum class State : quint8 { Stopped, Opening, Listening, Stopping };

    void handle(const StartHub &command);
    void handle(const StopHub &command);
    void handle(const QuitHub &command);
    void handle(const SetPolicy &command);
    void handle(const SendMessage &command);
    void handle(const DisconnectClients &command);
    void handle(const ListClients &command);
    void handle(const ReadHistory &command);
    void handle(const BanSomebody &command);
    void handle(const LiftBan &command);
    void handle(const ListBans &command);
    void handle(const ReleaseName &command);
    void handle(const SetPassword &command);
    void handle(const ReadMetrics &command);
    void handle(const BatchTaken &command);

    void handle(HistoryOpened &&opened);
    void handle(const HistoryNotOpened &notOpened);
    void handle(const HistoryCommitted &committed);
    void handle(const HistoryFailing &failing);
    void handle(const HistoryRecovered &recovered);
    void handle(const HistoryPageRead &read);
    void handle(const HistoryWaiting &waiting);
    void handle(const HistoryNote &note);

    QString historyUrl() const;
    std::optional<Error> loadTls();
    void useHistory(HistoryOpened &&opened);
    void listen();
    void fail(const Error &error, bool isOfSettings);
    void accept(Descriptor socket);
    void refuse(Descriptor socket, const QString &reason);
    Result<BanReport> ban(const BanSomebody &command);
    /// Why the bans cannot be changed now; nothing where they can.
    std::optional<Error> whyNotBanned(const BanTarget &who) const;
    void tellRefused(std::optional<ClientId> id, const QString &address, quint16 port, const QString &reason);
    void makeRoom(ClientId id);
    void authenticated(Session &session);
    void stopWhenEmpty();
    void sweep();
    void tick();
    void lookAgain();

    void formatKnown(Session &session, bool detected, const QString &remark) override;
    void undecided(Session &session) override;
    void tlsWanted(Session &session) override;
    void secured(Session &session) override;
    void frameReceived(Session &session, Payload &payload) override;
    void chunkEnded(Session &session) override;
    void readTurnEnded(Session &session) override;
    void drained(Session &session) override;
    void backlogChanged(Session &session) override;
    void tooSlow(Session &session) override;
    void ended(Session &session, const QString &reason, bool refusal) override;

    Inbox<HubReply> &m_replies;
    State m_state = State::Stopped;
    bool m_quitWhenStopped = false;
    ServerConfig m_config;
    int m_maxClients
        = 0; ///< in force: what is configured, or fewer where the system allows fewer descriptors
    IoThreads m_threads;
    std::unique_ptr<IdCounter> m_ids;
    std::unique_ptr<HistoryStore> m_history;  ///< null where none is kept
    std::shared_ptr<const TlsIdentity> m_tls; ///< null where TLS is off
    bool m_isHistoryFailing = false;
    std::unique_ptr<Listener> m_listener;
    ClientRegistry m_registry;
    Handshakes m_handshakes;
    EventFeed m_feed;
    Accounts m_accounts;
    Bans m_bans;
    Dispatcher m_dispatcher;
    HistoryDesk m_desk;
    ChatRoom m_room;
    Router m_router;
    Admission m_admission;
    RateKeeper m_rates;
    QueueKeeper m_queues;
    std::vector<Session *> m_ended; ///< deleted at the end of the loop turn
    std::vector<ClientId> m_undecided;
    QTimer m_tick;
    QTimer m_lookAgain;
    QTimer m_handshakeTick;
    Inbox<HubCommand> m_commands;
};

} // namespace wireroom
