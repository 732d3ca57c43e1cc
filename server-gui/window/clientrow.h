// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"

#include <QString>

#include <array>
#include <limits>

namespace wireroom {

/// What a row of the clients' table tells about one client: a connection, a chat client that is known, or
/// both. A value.
struct ClientRow
{
    enum Column {
        IdColumn,
        NameColumn,
        StateColumn,
        LastSeenColumn,
        ConnectedForColumn,
        AddressColumn,
        FormatColumn,
        RoundTripColumn,
        WaitingColumn,
        QueuedColumn,
        FramesInColumn,
        FramesOutColumn,
        BytesInColumn,
        BytesOutColumn,
        HeldBackColumn,
        RefusedColumn,
        ColumnCount
    };

    /// In the order of sorting.
    enum class State : quint8 {
        Online,
        Away,
        Connected, ///< a plain client, or one that has not said its name yet
        Slow,      ///< any of them, where much waits for it
        Offline
    };

    /// Whatever the column, an order of numbers and then of a text.
    struct SortKey
    {
        std::array<quint64, 3> value{};
        QStringView text; ///< of the row that it was made from
        friend bool operator==(const SortKey &, const SortKey &) = default;

        bool operator<(const SortKey &other) const
        {
            return value == other.value ? text < other.text : value < other.value;
        }
    };

    static constexpr qint64 kNever = std::numeric_limits<qint64>::min();

    void connect(const ClientConnected &event, qint64 now);
    void take(const ClientFormatKnown &event);
    void take(const ClientSecured &event);
    void take(const ClientCounters &counters);
    void take(const KnownClient &client);
    void setName(const QString &text);
    /// What remains of a known client without its connection.
    void disconnect(qint64 when);
    /// Gives the connection, all but ID, name and presence, to `other`, and gets that one's.
    void exchangeConnections(ClientRow &other);

    State state() const;
    /// The ID, name, state, address or format contains the text, in any case; empty is in all.
    bool contains(const QString &text) const;

    QString display(int column, qint64 now) const;
    QString toolTip(int column) const;
    /// The cell says nothing worth a look.
    bool isQuiet(int column) const;
    SortKey sortKey(int column) const;

    static QString title(int column);
    static bool isNumber(int column);

    ClientId id;
    QString name;    ///< as shown; empty: not known
    QString nameKey; ///< orders names
    bool isKnown = false;
    chat::PresenceState presence = chat::PresenceState::Offline;
    qint64 since = kNever; ///< of the presence
    quint64 waiting = 0;
    int row = -1; ///< -1: not shown

    struct Connection
    {
        bool isThere = false;
        QString address;                     ///< with port
        std::array<quint8, 18> addressKey{}; ///< orders addresses as numbers: 16 bytes IPv6, 2 bytes port
        FrameFormat format = FrameFormat::Auto;
        bool formatFound = false; ///< the server was to find it out
        bool formatDetected = false;
        bool isChat = false;
        TlsLink tls;
        qint64 connectedAt = kNever;
        qint64 lastSeen = kNever;
        qint64 roundTripMicroseconds = -1;
        quint64 framesIn = 0;
        quint64 framesOut = 0;
        quint64 bytesIn = 0;
        quint64 bytesOut = 0;
        quint64 queuedBytes = 0;
        quint64 heldBack = 0;
        quint64 refused = 0;
        bool isSlow = false;
    };

    Connection connection;

private:
    QString stateText() const;
    QString formatText() const;
    QString formatMeaning() const;
    QString encryption() const;
    qint64 lastSeen() const;
};

} // namespace wireroom
