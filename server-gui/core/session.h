// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/tokenbucket.h"
#include "common/transport/iothreads.h"
#include "server-gui/core/chatmember.h"
#include "server-gui/core/greeting.h"
#include "server-gui/core/serverconfig.h"
#include "server-gui/core/serverevents.h"

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace wireroom {

class Session;

/// What a session tells the hub; called directly, in the network thread.
class SessionHost
{
public:
    virtual ~SessionHost() = default;

    virtual void formatKnown(Session &session, bool detected, const QString &remark) = 0;
    virtual void undecided(Session &session) = 0; ///< call Session::lookAgain() after Greeting::kLookAgainMs
    virtual void tlsWanted(Session &session) = 0; ///< call Session::beginTls() once there is a place for it
    virtual void secured(Session &session) = 0;   ///< the TLS handshake is done
    virtual void frameReceived(Session &session, Payload &payload) = 0;
    virtual void chunkEnded(Session &session) = 0;
    virtual void readTurnEnded(Session &session) = 0;
    virtual void drained(Session &session) = 0;

    /// What waits for it to read has become more or less.
    virtual void backlogChanged(Session &session) = 0;
    /// It is about to be dropped because it does not read.
    virtual void tooSlow(Session &session) = 0;

    /// Once, the session's last word. `refusal`: it was we who could not go on with what the peer sent.
    virtual void ended(Session &session, const QString &reason, bool refusal) = 0;
};

/// One client, from accepted to gone: first a greeting (one more inside TLS, where it asks for that), then a
/// connection.
///
/// Owner: the ClientRegistry. Lives in the network thread. After SessionHost::ended() it only waits to be
/// deleted.
class Session : private ChannelHandler, private TlsGreetingHandler
{
public:
    enum class State : quint8 { Greeting, Open, Closing };

    /// Reasons not to read from a client; reading goes on when none is left.
    enum Pause : quint8 {
        PauseEcho = 1,   ///< it does not read what it is sent back
        PauseRelay = 2,  ///< those it writes to do not keep up
        PauseFeed = 4,   ///< whoever runs the server does not keep up
        PauseStore = 8,  ///< the history does not keep up
        PauseQuery = 16, ///< it asks faster than the history answers
        PauseRate = 32,  ///< it sent more than it may in a second
    };

    Session(ClientId id, Descriptor socket, IoThreads &threads, const ServerConfig &config,
            SessionHost &host);
    ~Session() override;

    /// Settles the format, or begins to wait for the first bytes.
    void begin();
    void lookAgain();

    /// After SessionHost::tlsWanted().
    void beginTls(std::shared_ptr<const TlsIdentity> identity);
    /// Closes a peer whose TLS handshake does not come to its end.
    void failTls(const QString &reason);

    /// When its first byte was seen; of meaning from SessionHost::tlsWanted() on.
    std::chrono::steady_clock::time_point firstByteTime() const { return m_firstByte; }

    ClientId id() const { return m_id; }

    /// For ClientRegistry::exchangeIds() alone.
    void setId(ClientId id);

    State state() const { return m_state; }

    const ClientConnected &info() const { return m_info; }

    const QHostAddress &address() const { return m_address; }

    FrameFormat format() const { return m_format; }

    bool formatDetected() const { return m_formatDetected; }

    /// It speaks the chat protocol (and the ChatRoom with it).
    bool isChat() const { return m_member != nullptr; }

    /// Nobody on the way can read what it sends.
    bool isEncrypted() const { return m_tlsState == Tls::Secured; }

    /// Null for a plain client.
    ChatMember *member() { return m_member.get(); }

    /// It is about to be encrypted, or must be before it may hear or say anything.
    bool awaitsTls() const;

    /// A silent peer that is about to be written to gets the default format; unless it awaits TLS.
    void settleFormat();

    /// A peer so new that the first bytes may still be on their way: what is for everyone waits with hold().
    bool mayStillSpeak() const;

    /// Keeps a payload until it is known how the peer speaks. A chat client does not get it, nor who awaits
    /// TLS.
    void hold(const QByteArray &payload);

    /// Why nothing of that many bytes can be sent to it now; empty where it can. Settle the format first.
    QString whyNotSent(quint64 bytes) const;

    /// True where so many bytes more would be too many; a slow reader then.
    bool isFullFor(quint64 bytes) const;

    /// Queues frames that were encoded in its format.
    void send(const QByteArray &encoded, quint64 frames, quint64 payloadBytes);

    /// Queues bytes that count as no message (the chat protocol's own).
    void sendControl(const QByteArray &encoded);

    quint64 queuedBytes() const { return m_channel ? m_channel->queuedBytes() : 0; }

    /// Those that nobody has offered to the system yet, as an I/O thread is late.
    quint64 onTheirWayBytes() const { return queuedBytes() - std::min(queuedBytes(), backlogBytes()); }

    quint64 backlogBytes() const { return m_channel ? m_channel->backlogBytes() : 0; }

    /// Channel::hasUnread().
    bool hasUnread() const { return m_channel && m_channel->hasUnread(); }

    void pause(Pause reason);
    void resume(Pause reason);

    bool isPaused() const { return m_pauses != 0; }

    bool isPausedFor(Pause reason) const { return (m_pauses & reason) != 0; }

    void close(const QString &reason);
    /// Closes over what the peer did.
    void refuse(const QString &reason);
    /// Closes without sending what waits: it does not read.
    void dropAsSlow();
    void checkDeadlines(std::chrono::steady_clock::time_point now);

    /// What it has sent, as the RateKeeper counts it.
    struct Rate
    {
        TokenBucket frames;
        TokenBucket bytes;
        quint64 turnFrames = 0; ///< of the read that is under way
        quint64 turnBytes = 0;
        std::optional<TokenBucket::Clock::time_point> told; ///< when it was last told to slow down
    };

    /// Null where there is no limit.
    Rate *rate() { return m_rate.get(); }

    /// The frame that was just received answers one of ours: it is not held against the client.
    void uncountFrame();

    void countHeldBack() { ++m_counters.heldBack; }

    /// One of its messages was not taken.
    void countRefused() { ++m_counters.refused; }

    bool isSlow() const { return m_counters.isSlow; }

    void setSlow(bool slow) { m_counters.isSlow = slow; }

    void countReceived(quint64 payloadBytes)
    {
        ++m_counters.framesIn;
        m_counters.bytesIn += payloadBytes;
    }

    void touch(); ///< bytes came now

    ClientCounters counters() const;

    bool isDirty = false; ///< the feed's: its counters are in the next batch

    bool isUnauthenticated = false; ///< the hub's: it is in the Admission's table

    // The QueueKeeper's.
    quint64 countedBytes = 0; ///< of its backlog
    std::optional<std::chrono::steady_clock::time_point> behindSince;

private:
    void frameReceived(Payload &payload) override;
    void chunkEnded() override;
    void readTurnEnded() override;
    void drained() override;
    void backlogChanged() override;
    void closed(const CloseReason &reason) override;

    void secured(const TlsLink &link) override;
    void firstBytes(const QByteArray &first, bool ended) override;
    void greetingFailed(const TlsFailed &failed) override;

    void look(FirstBytes::Hurry hurry);
    void decide(const Detection &detection, bool peerEnded);
    void refuseTls();
    void refusePlain(const Detection &detection);
    void openChannel(const Detection &detection, bool detected, bool peerEnded);
    void sendHeld();
    void endGreeting(const QString &reason, bool refusal);
    void checkIdle(std::chrono::steady_clock::time_point now);

    bool mustSayWho() const { return m_config.chatOnly; }

    ClientId m_id;
    IoThreads &m_threads;
    const ServerConfig &m_config;
    SessionHost &m_host;
    QHostAddress m_address;
    ClientConnected m_info;
    FrameFormat m_format;
    bool m_formatDetected = false;
    State m_state = State::Greeting;
    quint8 m_pauses = 0;
    bool m_streamSent = false;
    enum class Tls : quint8 { No, Wanted, Handshake, Secured };
    Tls m_tlsState = Tls::No;
    std::unique_ptr<Greeting> m_greeting;
    std::unique_ptr<TlsGreeting> m_tls;
    FirstBytes m_inside; ///< TLS
    QByteArray m_first;  ///< inside TLS
    bool m_firstEnded = false;
    std::chrono::steady_clock::time_point m_began = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point m_firstByte;
    std::chrono::steady_clock::time_point m_silentSince = m_began;
    std::vector<QByteArray> m_held;
    quint64 m_heldBytes = 0;
    std::unique_ptr<Channel> m_channel;
    std::unique_ptr<ChatMember> m_member;
    std::unique_ptr<Rate> m_rate;
    ClientCounters m_counters;
    std::chrono::steady_clock::time_point m_movedAt; ///< the last tick that found new frames
    quint64 m_movedFrames = 0;                       ///< in and out, at that tick
    qint64 m_lastSeenMs = 0;                         ///< since 1970, UTC
};

} // namespace wireroom
