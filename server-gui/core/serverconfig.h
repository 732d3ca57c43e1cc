// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/hostport.h"
#include "common/framing/frameformat.h"
#include "server-gui/core/tlsconfig.h"

#include <QHostAddress>
#include <QString>

#include <chrono>
#include <optional>

namespace wireroom {

/// What a server does with a plain client's message besides showing it.
enum class PlainPolicy : quint8 {
    None,  ///< nothing
    Echo,  ///< sends it back to its sender
    Relay, ///< sends it to all other plain clients
};

QString toString(PlainPolicy policy);
std::optional<PlainPolicy> plainPolicyFromString(QStringView text);

/// Which messages travel from the network thread to whoever runs the server.
enum class MessageFeed : quint8 {
    None,   ///< none; they are only counted
    Latest, ///< for a window: in a flood the oldest ones not yet handed out give way, and their number is
            ///< told
    Every,  ///< for a program: reading from the clients pauses until what is there was taken
};

/// Everything a server is told at its start. A value; what is in force cannot be changed while it listens,
/// except the policy (ChatServer::setPlainPolicy).
struct ServerConfig
{
    /// An IP address; `*` or empty for every IPv4 and IPv6 address (dual stack); `localhost` for 127.0.0.1.
    QString address = QStringLiteral("127.0.0.1");
    /// 0 lets the system choose a free port.
    quint16 port = 4040;

    FrameFormat format = FrameFormat::Auto;
    /// With `auto`: what a peer gets that is written to before it spoke, or whose first bytes fit both byte
    /// orders.
    FrameFormat defaultFormat = FrameFormat::U32LE;
    PlainPolicy plainPolicy = PlainPolicy::None;
    MessageFeed messageFeed = MessageFeed::Latest;
    /// Batches tell of the clients' counters as they change, for whoever shows them.
    bool feedsCounters = true;

    int maxClients = 1000;
    /// Clients from one address (an IPv6 network of 64 bits counts as one); 0: as many as are let in at all.
    int maxPerAddress = 0;
    /// Only chat clients are let in: a plain one is told so, a silent one is closed.
    bool chatOnly = false;
    /// Where clients have to begin with something (Hello with chatOnly, TLS where it is required): so many
    /// may not have done so yet, of all and of one address. Beyond it the one that has been silent for
    /// longest makes room, of that address or of the one with the most of them.
    int maxUnauthenticated = 256;
    int maxUnauthenticatedPerAddress = 16;
    quint64 maxPayloadBytes = kDefaultMaxPayloadBytes;
    /// What one client may send on average, with what it saved of one second at once; beyond it, it is not
    /// read from until it may go on. 0: no limit.
    quint64 maxFramesPerSecond = 0;
    quint64 maxBytesPerSecond = 0;
    /// Outbound bytes that may wait for one client; beyond it, a reader this slow is dropped (an echo client
    /// is rather not read from any more until it reads).
    quint64 maxQueueBytes = 8u * 1024 * 1024;
    /// Outbound bytes that may wait for all clients together; beyond it, those for whom most is waiting are
    /// dropped. One message of the largest size may always wait.
    quint64 maxQueuesBytes = 512u * 1024 * 1024;
    /// A frame that was begun must be whole after this, plus a second for each 64 KiB of it.
    std::chrono::milliseconds frameDeadline{30'000};
    /// Where clients have to say who they are: how long until it is clear that they speak the chat protocol.
    std::chrono::milliseconds detectionDeadline{5'000};
    /// A plain client that is sent nothing and sends nothing for so long is closed; 0: never.
    std::chrono::milliseconds idleDeadline{0};
    /// Threads that the clients' sockets are split over, besides the network thread; 1: they live in that
    /// one, and there is no other. At most kMostIoThreads.
    static constexpr int kMostIoThreads = 64;
    int ioThreads = 1;
    /// How long a graceful stop waits for what is queued.
    std::chrono::milliseconds flushDeadline{3'000};

    /// Holds the ID counter and the history. One server at a time may use it. Empty: nothing is kept, IDs
    /// start at 1.
    QString dataDir;

    TlsConfig tls;

    /// Where programs of this machine read the counters, as HOST:PORT (MetricsServer, which whoever starts
    /// the server opens); empty: nowhere.
    QString metrics;

    /// How the server calls itself to chat clients; empty: the machine's name.
    QString serverName;
    /// Where messages and accounts are kept: empty for `history.db` in the data directory (and nowhere where
    /// there is none), kNoHistory for nowhere, else a file or a URL (HistoryConfig::url).
    QString history;
    static inline const QString kNoHistory = QStringLiteral("none");
    /// Older messages are deleted; 0: none for their age.
    int historyDays = 0;
    /// The oldest messages are deleted beyond so many bytes; 0: no limit.
    quint64 historyBytes = 0;

    /// A chat client must have said Hello after this.
    std::chrono::milliseconds helloDeadline{5'000};
    /// A chat client that was silent for this long is pinged; after two pings without an answer it is gone.
    std::chrono::milliseconds pingInterval{30'000};
    /// A chat client that did nothing by hand for this long is away.
    std::chrono::milliseconds awayAfter{600'000};

    /// What chat clients have to know to join: a password, or an Argon2 hash of one. Nothing: what is kept in
    /// the data directory; empty: none is needed, and none is kept.
    std::optional<QString> password = {};
    /// Where the program that starts the server reads the password from where it is told none
    /// (takePassword()); empty: nowhere.
    QString passwordFile;
    /// Takes it over a connection that others can read, too: neither encrypted nor of this machine.
    bool passwordUnencrypted = false;

    /// A chat client's name may be taken by another one when it was not seen for so many days; 0: never.
    int freeNamesDays = 0;
    static constexpr int kMostDays = 100'000;

    /// The listening address that `address` means, or nothing where it means none.
    std::optional<QHostAddress> hostAddress() const;

    /// The data directory for this user where none is named.
    static QString defaultDataDir();
};

} // namespace wireroom
