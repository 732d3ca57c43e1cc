// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/protocol/message.h"

#include <chrono>
#include <functional>
#include <memory>

namespace wireroom {

/// One message as it is kept. A value; the body is shared, not copied.
struct HistoryMessage
{
    quint64 seq = 0;
    qint64 time = 0; ///< ms since 1970, UTC
    ClientId from;
    quint64 ref = 0; ///< 0: none (a plain client's message, the operator's)
    chat::Addressees to;
    chat::BodyKind kind = chat::BodyKind::Text;
    QByteArray body;
    /// ref is not higher than the sender's highest: look whether the message is there already. Not stored.
    bool mayBeRepeated = false;
};

/// A chat client that the server knows, whether it is connected or not. A value.
struct Account
{
    ClientId id;
    QString name;
    QByteArray tokenHash; ///< SHA-256 of its token
    qint64 created = 0;   ///< ms since 1970, UTC
    qint64 lastSeen = 0;
    quint64 joinedSeq = 0;     ///< messages to everyone are delivered to it from behind this one
    quint64 ackedSeq = 0;      ///< it has everything up to this one
    quint64 lastRef = 0;       ///< its highest ref. Read only: kept by the store
    quint64 passwordEpoch = 0; ///< RoomPassword::epoch of the password that it gave last; 0: none
};

/// Which messages; see chat::HistoryQuery, whose meaning of before, after, with and text it has.
struct HistoryRequest
{
    quint64 request = 0; ///< comes back with the page
    std::optional<ClientId> viewer
        = {}; ///< only what this client may see; nothing: everything (the operator)
    /// Only what is delivered to the viewer: no message of its own that is not also addressed to it, and of
    /// those to everyone only behind `joinedSeq`. For a client that comes back.
    bool deliveriesOnly = false;
    quint64 joinedSeq = 0; ///< deliveriesOnly
    std::optional<quint64> before = {};
    std::optional<quint64> after = {};
    chat::Addressees with = {};
    /// Of the operator's: only messages from or to these IDs, those to everyone included; nothing: all.
    chat::Addressees concerning = {};
    QString text = {};
    quint64 limit = 50;
    quint64 limitBytes = 4u * 1024 * 1024; ///< of bodies; one message at least is in a page
};

struct HistoryMessages
{
    /// How far a message of the operator's has got among the chat clients that it is for.
    struct Reach
    {
        quint64 seq = 0;
        quint64 recipients = 0;
        std::vector<ClientId> delivered; ///< to these
    };

    quint64 request = 0;
    std::vector<HistoryMessage> messages; ///< ascending seq
    bool more = false;
    quint64 upToSeq = 0;      ///< the newest message that was committed when this was read
    std::vector<Reach> reach; ///< of the operator's messages; the hub knows that, not the store
};

/// What the history answers and reports; handed to the owner in its thread, in this order where one follows
/// from the other.
struct HistoryOpened
{
    quint64 lastSeq = 0;
    quint64 highestId = 0; ///< of any account or sender
    std::vector<Account> accounts;
    QString note; ///< a sentence worth logging (migrated, restored after a crash); mostly empty
};

struct HistoryCommitted
{
    quint64 upToSeq = 0; ///< everything appended up to here is durable
    /// But the message `upToSeq` is not: the database does not take it, now or ever. A HistoryNote says why.
    bool isRefused = false;

    /// Of those, the ones that were there already, under an earlier seq: nothing was stored for them.
    struct Repeated
    {
        quint64 seq = 0;
        quint64 storedSeq = 0;
        qint64 storedTime = 0;
    };

    std::vector<Repeated> repeated;
    std::vector<ClientId> accounts; ///< saveAccount() of these is durable
};

/// It cannot write; what was appended is kept and tried again every kRetry. Once, until HistoryRecovered.
struct HistoryFailing
{
    QString text; ///< a sentence with the cause
};

struct HistoryRecovered
{
};

struct HistoryPageRead
{
    Result<HistoryMessages> page;
    quint64 request = 0;
};

/// The answer to countWaiting().
struct HistoryWaiting
{
    struct Count
    {
        ClientId id;
        quint64 messages = 0; ///< capped at kMostCounted
    };

    std::vector<Count> counts;
};

/// Something that does not stop it but that the operator should know (integrity check, retention).
struct HistoryNote
{
    QString text;
    bool isError = false;
};

/// The answer to open() that failed.
struct HistoryNotOpened
{
    Error error;
};

using HistoryReply = std::variant<HistoryOpened, HistoryNotOpened, HistoryCommitted, HistoryFailing,
                                  HistoryRecovered, HistoryPageRead, HistoryWaiting, HistoryNote>;

struct HistoryConfig
{
    /// A file's path, `sqlite:PATH`, or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE` (also `postgres:`).
    QString url;
    /// Older messages are deleted; 0: none for their age.
    std::chrono::hours maxAge{0};
    /// The oldest messages are deleted beyond so many bytes of bodies; 0: no limit.
    quint64 maxBytes = 0;
};

/// The messages and the accounts, durable: a database in its own two threads, one that writes and one that
/// reads.
///
/// Written in groups: while one commit is on its way to the disk, what comes meanwhile gathers for the next;
/// at most kGroupMessages or kGroupTime. Owner: the hub. Thread: the owner's, which needs an event loop;
/// `handler` is called there, never from inside a call. Nothing here blocks, except the destructor: it
/// commits what was appended (unless the database fails) and joins.
class HistoryStore
{
public:
    static constexpr size_t kGroupMessages = 512;
    static constexpr std::chrono::milliseconds kGroupTime{5};
    static constexpr std::chrono::milliseconds kRetry{500};
    static constexpr quint64 kMostCounted = 9'999;

    using Handler = std::function<void(HistoryReply &&)>;

    /// Opens, migrates, reads the accounts: HistoryOpened or HistoryNotOpened comes first.
    HistoryStore(const HistoryConfig &config, Handler handler);
    ~HistoryStore();

    /// Appends; seq is higher than every one before. HistoryCommitted answers. The caller bounds what is on
    /// its way.
    void append(HistoryMessage message);

    /// Adds or replaces (by ID). Durable before the HistoryCommitted of anything appended later.
    void saveAccount(Account account);

    /// Notes how far a client has got and when it was last seen. Written with the next commit, or within a
    /// second.
    void saveProgress(ClientId id, quint64 ackedSeq, qint64 lastSeen);

    /// HistoryPageRead answers, in the order of the requests.
    void read(HistoryRequest request);

    /// How many messages wait for each account; HistoryWaiting answers.
    void countWaiting();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace wireroom
