// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"
#include "server-gui/core/dispatcher.h"

#include <QTimer>

#include <array>
#include <chrono>
#include <vector>

namespace wireroom {

/// Who gets what: a plain client's frames by the policy, the operator's messages by their recipients. Lives
/// with the hub, in the network thread.
///
/// All frames of one read are encoded once for each format that a recipient speaks, into one buffer that all
/// those recipients share. A recipient that falls behind makes its senders wait for kPatience; one that is
/// behind for longer is a slow reader: its queue may fill, and then it is dropped, while the others go on.
class Router : public QObject
{
public:
    static constexpr std::chrono::milliseconds kPatience{250};

    Router(ClientRegistry &registry, Accounts &accounts, Dispatcher &dispatcher, EventFeed &feed);

    void setPolicy(PlainPolicy policy) { m_policy = policy; }

    void frameReceived(Session &from, Payload &payload);
    void chunkEnded(Session &from);
    void readTurnEnded(Session &from);
    void drained(Session &session);
    void forget(Session &session);

    Result<SendReport> send(const Recipients &to, const QByteArray &payload);

private:
    struct Behind
    {
        ClientId id;
        std::chrono::steady_clock::time_point since;
    };

    struct Batch
    {
        QByteArray bytes;
        QByteArrayView run; ///< frames as they came, one after the other, which follow `bytes`
        quint64 frames = 0;
        quint64 payloadBytes = 0;

        void takeRun();
    };

    void want(FrameFormat format);
    void beginTurn(Session &from);
    void relayTurn(Session &from);
    void keepPace(Session &from, Session &behind);
    bool isWaitedFor(Behind &behind) const;
    void checkBehind();

    void sendPlain(const std::vector<Session *> &sessions, const QByteArray &payload, SendReport &report);

    ClientRegistry &m_registry;
    Accounts &m_accounts;
    Dispatcher &m_dispatcher;
    EventFeed &m_feed;
    PlainPolicy m_policy = PlainPolicy::None;

    // The read that is under way, of one client.
    bool m_inTurn = false;
    PlainPolicy m_turnPolicy = PlainPolicy::None;
    bool m_turnHolds = false;               ///< somebody may still say how it speaks
    std::vector<QByteArray> m_turnPayloads; ///< for those
    quint64 m_turnUnframed = 0;             ///< not relayed to somebody whose prefix is too small
    std::vector<FrameFormat> m_turnFormats; ///< in which this turn's messages are sent
    std::array<Batch, FrameFormat::Stream + 1> m_batches;

    std::vector<Behind> m_behind;    ///< recipients above their high-water mark
    std::vector<ClientId> m_waiting; ///< senders paused for them
    QTimer m_behindTimer;
};

} // namespace wireroom
