// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"

#include <QByteArray>
#include <QString>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

/// The messages of the chat protocol (PROTOCOL.md in this folder), as values. Times are milliseconds since
/// 1970, UTC.
namespace wireroom::chat {

inline constexpr quint64 kVersion = 1;

/// A resume token: so many random bytes.
inline constexpr qsizetype kTokenBytes = 32;

/// Names are 1 to so many characters (Unicode code points), without control characters.
inline constexpr qsizetype kMaxNameLength = 64;

/// The longest list of recipients in one Post.
inline constexpr qsizetype kMaxRecipients = 10'000;

/// Deliveries in one HistoryPage.
inline constexpr quint64 kMaxPageMessages = 500;

/// To whom: these IDs, or (nothing) everyone.
using Addressees = std::optional<std::vector<ClientId>>;

enum class BodyKind : quint8 {
    Text, ///< UTF-8
    Bytes,
};

enum class PresenceState : quint8 { Offline, Away, Online };

struct Hello
{
    quint64 version = kVersion;
    QString name;
    QByteArray token;                   ///< empty: none yet
    std::optional<quint64> lastSeq = 0; ///< nothing: what was acknowledged
    std::optional<QString> password = {};
    friend bool operator==(const Hello &, const Hello &) = default;
};

/// What the server takes; part of Welcome.
struct Limits
{
    quint64 bodyBytes = 0; ///< of one Post
    quint64 recipients = 0;
    quint64 nameLength = 0;
    quint64 pageMessages = 0;
    friend bool operator==(const Limits &, const Limits &) = default;
};

/// Also one entry of the roster.
struct Presence
{
    ClientId id;
    QString name;
    PresenceState state = PresenceState::Offline;
    qint64 since = 0; ///< of the state; offline: last seen
    friend bool operator==(const Presence &, const Presence &) = default;
};

struct Welcome
{
    quint64 version = kVersion;
    ClientId id;
    QByteArray token;
    QString serverName;
    quint64 lastSeq = 0; ///< the newest message of the server
    Limits limits;
    std::vector<Presence> roster;
    quint64 lastRef = 0; ///< the highest ref that the server has of this client
    friend bool operator==(const Welcome &, const Welcome &) = default;
};

struct Refused
{
    QString code; ///< one of refusal::
    QString text;
    friend bool operator==(const Refused &, const Refused &) = default;
};

struct Post
{
    quint64 ref = 0;
    Addressees to;
    BodyKind kind = BodyKind::Text;
    QByteArray body;
    friend bool operator==(const Post &, const Post &) = default;
};

struct Stored
{
    quint64 ref = 0;
    quint64 seq = 0;
    qint64 time = 0;
    std::vector<ClientId> unknown; ///< addressees that do not exist
    quint64 recipients = 0;        ///< how many are to get it
    friend bool operator==(const Stored &, const Stored &) = default;
};

struct Delivery
{
    quint64 seq = 0;
    qint64 time = 0;
    ClientId from;
    Addressees to;
    BodyKind kind = BodyKind::Text;
    QByteArray body;
    friend bool operator==(const Delivery &, const Delivery &) = default;
};

struct Ack
{
    quint64 seq = 0;
    friend bool operator==(const Ack &, const Ack &) = default;
};

struct Receipts
{
    std::vector<std::pair<quint64, ClientId>> list; ///< seq, and who has it
    friend bool operator==(const Receipts &, const Receipts &) = default;
};

struct Rename
{
    QString name;
    friend bool operator==(const Rename &, const Rename &) = default;
};

struct Ping
{
    quint64 clock = 0;
    friend bool operator==(const Ping &, const Ping &) = default;
};

struct Pong
{
    quint64 clock = 0;
    friend bool operator==(const Pong &, const Pong &) = default;
};

/// Messages that the asker may see: those to everyone, those it sent, those that were sent to it.
struct HistoryQuery
{
    std::optional<quint64> before; ///< only seq below; the newest ones of them
    std::optional<quint64> after;  ///< only seq above; without `before` the oldest ones of them
    /// Nothing: all. An empty list: those to everyone. Else the conversation between exactly the asker and
    /// these.
    Addressees with;
    QString text; ///< not empty: only messages that contain this, in any case
    quint64 limit = 50;
    quint64 query = 0; ///< comes back in the page
    friend bool operator==(const HistoryQuery &, const HistoryQuery &) = default;
};

struct HistoryPage
{
    std::vector<Delivery> deliveries; ///< ascending seq
    bool more = false;                ///< there are further ones in the direction that was asked for
    quint64 query = 0;
    friend bool operator==(const HistoryPage &, const HistoryPage &) = default;
};

struct Notice
{
    QString code; ///< one of notice::
    QString text;
    friend bool operator==(const Notice &, const Notice &) = default;
};

struct Bye
{
    QString reason;
    friend bool operator==(const Bye &, const Bye &) = default;
};

using Message = std::variant<Hello, Welcome, Refused, Post, Stored, Delivery, Ack, Receipts, Presence, Rename,
                             Ping, Pong, HistoryQuery, HistoryPage, Notice, Bye>;

/// Codes of Refused. After `Malformed`, `NotAllowed`, `Deadline`, `Full` and `TooMany` trying again may help;
/// the others are permanent.
namespace refusal {
inline const QString Version = QStringLiteral("version");            ///< no version in common
inline const QString Name = QStringLiteral("name");                  ///< empty, too long, control characters
inline const QString UnknownToken = QStringLiteral("unknown-token"); ///< the server knows no such client
inline const QString Password = QStringLiteral("password");          ///< needed, or wrong
inline const QString TooMany = QStringLiteral("too-many");           ///< passwords; it is not looked at now
inline const QString NeedsTls = QStringLiteral("needs-tls");         ///< a password goes over TLS alone
inline const QString NameTaken = QStringLiteral("name-taken");       ///< another client has it
inline const QString Replaced = QStringLiteral("replaced");          ///< the token connected again, elsewhere
inline const QString Kicked = QStringLiteral("kicked");              ///< by the operator
inline const QString Banned = QStringLiteral("banned");              ///< by the operator, for a time
inline const QString NotAllowed = QStringLiteral("not-allowed");     ///< in this state
inline const QString Malformed = QStringLiteral("malformed");        ///< not one of our messages
inline const QString Deadline = QStringLiteral("deadline");          ///< no Hello, no Pong in time
inline const QString Full = QStringLiteral("full");                  ///< no more clients are let in
inline const QString TlsRequired = QStringLiteral("tls-required");   ///< the server takes nobody without
} // namespace refusal

/// Codes of Notice. The connection goes on.
namespace notice {
inline const QString UnknownType = QStringLiteral("unknown-type");
inline const QString BadValue = QStringLiteral("bad-value");   ///< a name or a query that makes no sense
inline const QString NameTaken = QStringLiteral("name-taken"); ///< another client has it; the name stays
inline const QString SlowDown = QStringLiteral("slow-down");
inline const QString QueueFull = QStringLiteral("queue-full");
inline const QString CannotStore
    = QStringLiteral("cannot-store"); ///< what was posted waits until it can be stored
inline const QString StoresAgain = QStringLiteral("stores-again");
inline const QString NoHistory = QStringLiteral("no-history"); ///< the server keeps none
} // namespace notice

} // namespace wireroom::chat
