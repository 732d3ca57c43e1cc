// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/bans.h"
#include "server-gui/core/chatdoor.h"
#include "server-gui/core/historydesk.h"
#include "server-gui/core/serverconfig.h"

#include <QTimer>

namespace wireroom {

/// The chat protocol's server side: who may join, what each message in each state does, who is there. Lives
/// with the hub, in the network thread.
///
/// | message of the client | before Hello         | afterwards                                  |
/// |-----------------------|----------------------|---------------------------------------------|
/// | Hello                 | Welcome or Refused   | Refused (not-allowed), close                |
/// | Bye                   | close                | close                                       |
/// | Post … HistoryQuery   | Refused, close       | as the protocol says                        |
/// | what only servers say | Refused, close       | Refused (not-allowed), close                |
/// | of an unknown type    | Refused, close       | Notice (unknown-type)                       |
/// | malformed             | Refused, close       | Refused (malformed), close                  |
///
/// While its password is looked at, a client may say Bye and nothing else.
class ChatRoom : public QObject
{
public:
    /// In one Welcome; the others follow as Presence.
    static constexpr size_t kRosterAtOnce = 1'000;

    ChatRoom(ClientRegistry &registry, Accounts &accounts, Dispatcher &dispatcher, HistoryDesk &desk,
             EventFeed &feed, const Bans &bans);

    void open(HistoryStore *history, const ServerConfig &config);
    void shut();

    void frameReceived(Session &session, Payload &payload);
    /// After the last of the frames that a chat client sent in one piece.
    void readTurnEnded();
    void drained(Session &session);
    /// The session is over; it is still in the registry.
    void left(Session &session);
    /// `code`: why it is sent away.
    void kick(Session &session, const QString &code, const QString &reason);
    void sayBye(Session &session, const QString &reason);
    void committed(const HistoryCommitted &committed);
    /// Messages can be stored, or cannot; told to everybody, newcomers included.
    void setStoring(bool works, const chat::Notice &notice);
    void countedWaiting(const HistoryWaiting &waiting);

    /// About once a second.
    void tick();

    /// The operator gives the name of one that is not here to whoever takes it next.
    Result<KnownClient> releaseName(const QString &name);

    ChatDoor &door() { return m_door; }

private:
    void handle(Session &session, chat::Hello &&hello);
    void handle(Session &session, chat::Post &&post);
    void handle(Session &session, const chat::Ack &ack);
    void handle(Session &session, const chat::Rename &rename);
    void handle(Session &session, const chat::Ping &ping);
    void handle(Session &session, const chat::Pong &pong);
    void handle(Session &session, const chat::HistoryQuery &query);
    void handle(Session &session, const chat::Bye &bye);

    void admit(Session &session, const chat::Hello &hello);
    void join(Session &session, const chat::Hello &hello);
    void rejoin(Session &session, KnownAccount &account, const chat::Hello &hello);
    void welcome(Session &session, const QByteArray &token);
    void refuse(Session &session, const QString &code, const QString &text);
    void ping(Session &session, ChatMember::Clock::time_point now);
    void checkLiveness(Session &session, ChatMember::Clock::time_point now);
    /// A sentence where the name is not to be had; `self`: who wants it. In chatroomnames.cpp.
    QString whyNotNamed(const QString &name, const KnownAccount *self);
    void freeName(KnownAccount &account);
    void save(KnownAccount &account);
    void setState(KnownAccount &account, chat::PresenceState state);
    void announce(KnownAccount &account);
    void sendPresence();
    /// Before what somebody says: nobody hears of an ID that was not introduced.
    void sendDuePresence();
    void showWaiting();

    ClientRegistry &m_registry;
    Accounts &m_accounts;
    Dispatcher &m_dispatcher;
    HistoryDesk &m_desk;
    EventFeed &m_feed;
    const Bans &m_bans;
    ChatDoor m_door;
    HistoryStore *m_history = nullptr;
    ServerConfig m_config;
    quint64 m_lastSerial = 0;
    std::map<ClientId, QByteArray> m_joining; ///< the tokens of those whose account is on the way to the disk
    std::vector<ClientId> m_changed;          ///< accounts in the next presence broadcast
    bool m_isPresenceDue = false;             ///< one of them has posted
    QTimer m_presenceTimer;
    std::optional<chat::Notice> m_cannotStore;
};

} // namespace wireroom
