// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/clientrow.h"

#include "common/base/hostport.h"
#include "common/base/payloadtext.h"
#include "common/widgets/numbertext.h"
#include "server-gui/core/historystore.h"

#include <QDateTime>
#include <QHostAddress>
#include <QLocale>

#include <algorithm>
#include <chrono>
#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kNothing = u"–"_s;

/// In one unit: how long ago something was matters less, the longer ago it was.
QString ageText(qint64 ms)
{
    const qint64 seconds = std::max<qint64>(ms, 0) / 1000;
    if (seconds < 2)
        return u"now"_s;
    const auto ago = [](qint64 count, const QString &unit) {
        return u"%1 %2 ago"_s.arg(QString::number(count), unit);
    };
    if (seconds < 60)
        return ago(seconds, u"s"_s);
    if (seconds < 60 * 60)
        return ago(seconds / 60, u"min"_s);
    if (seconds < 48 * 60 * 60)
        return ago(seconds / (60 * 60), u"h"_s);
    return ago(seconds / (24 * 60 * 60), u"days"_s);
}

QString exactBytes(quint64 bytes)
{
    return countText(bytes) % (bytes == 1 ? u" byte"_s : u" bytes"_s);
}

QString messages(quint64 count)
{
    return countText(count) % (count == 1 ? u" message"_s : u" messages"_s);
}

QString timeText(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms).toString(u"yyyy-MM-dd HH:mm:ss.zzz");
}

QString roundTripText(qint64 microseconds)
{
    const double ms = static_cast<double>(microseconds) / 1000;
    return QString(QLocale().toString(ms, 'f', ms < 10 ? 1 : 0) % u" ms");
}

std::array<quint8, 18> addressKeyOf(const QString &address, quint16 port)
{
    std::array<quint8, 18> key{};
    const Q_IPV6ADDR bytes = QHostAddress(address).toIPv6Address();
    std::copy(std::begin(bytes.c), std::end(bytes.c), key.begin());
    key[16] = static_cast<quint8>(port >> 8);
    key[17] = static_cast<quint8>(port & 0xff);
    return key;
}

/// Orders signed values as unsigned ones.
quint64 ordered(qint64 value)
{
    return static_cast<quint64>(value) ^ (quint64{1} << 63);
}

} // namespace

void ClientRow::connect(const ClientConnected &event, qint64 now)
{
    connection = {};
    connection.isThere = true;
    connection.address = HostPort{event.address, event.port}.toString();
    connection.addressKey = addressKeyOf(event.address, event.port);
    connection.format = event.format;
    connection.tls = event.tls;
    connection.connectedAt = event.time.isValid() ? event.time.toMSecsSinceEpoch() : now;
}

void ClientRow::take(const ClientFormatKnown &event)
{
    connection.format = event.format;
    connection.formatFound = true;
    connection.formatDetected = event.detected;
    connection.isChat = event.isChat;
}

void ClientRow::take(const ClientSecured &event)
{
    connection.tls = event.tls;
}

void ClientRow::take(const ClientCounters &counters)
{
    connection.framesIn = counters.framesIn;
    connection.framesOut = counters.framesOut;
    connection.bytesIn = counters.bytesIn;
    connection.bytesOut = counters.bytesOut;
    connection.queuedBytes = counters.queuedBytes;
    connection.heldBack = counters.heldBack;
    connection.refused = counters.refused;
    connection.isSlow = counters.isSlow;
    connection.roundTripMicroseconds = counters.roundTripMicroseconds;
    if (counters.lastSeen.isValid())
        connection.lastSeen = counters.lastSeen.toMSecsSinceEpoch();
    waiting = counters.waiting;
}

void ClientRow::take(const KnownClient &client)
{
    setName(client.name);
    presence = client.state;
    if (client.since.isValid())
        since = client.since.toMSecsSinceEpoch();
    if (!connection.isThere)
        waiting = client.waiting;
}

void ClientRow::setName(const QString &text)
{
    isKnown = true;
    name = payloadLine(text.toUtf8(), true);
    nameKey = name.toCaseFolded();
}

void ClientRow::disconnect(qint64 when)
{
    connection = {};
    presence = chat::PresenceState::Offline;
    since = when;
}

void ClientRow::exchangeConnections(ClientRow &other)
{
    std::swap(connection, other.connection);
    std::swap(waiting, other.waiting);
}

ClientRow::State ClientRow::state() const
{
    if (!connection.isThere)
        return State::Offline;
    if (connection.isSlow)
        return State::Slow;
    switch (presence) {
    case chat::PresenceState::Online:
        return State::Online;
    case chat::PresenceState::Away:
        return State::Away;
    case chat::PresenceState::Offline:
        break;
    }
    return State::Connected;
}

QString ClientRow::stateText() const
{
    switch (state()) {
    case State::Online:
        return u"Online"_s;
    case State::Away:
        return u"Away"_s;
    case State::Connected:
        return u"Connected"_s;
    case State::Slow:
        return u"Slow"_s;
    case State::Offline:
        break;
    }
    return u"Offline"_s;
}

QString ClientRow::formatText() const
{
    if (!connection.isThere || connection.isChat)
        return u"chat"_s;
    if (connection.format.isAuto())
        return u"waiting for first bytes"_s;
    if (!connection.formatFound)
        return connection.format.toString();
    return connection.format.toString() % (connection.formatDetected ? u", detected" : u", default");
}

QString ClientRow::formatMeaning() const
{
    if (!connection.isThere || connection.isChat)
        return u"A chat client: it has a name, and what it misses waits for it"_s;
    return connection.format.isAuto() ? u"Its format is found out from the first bytes it sends"_s
                                      : connection.format.description();
}

/// A line of its own.
QString ClientRow::encryption() const
{
    if (!connection.isThere)
        return {};
    return connection.tls ? u"\nEncrypted with %1, %2"_s.arg(connection.tls.protocol, connection.tls.cipher)
                          : u"\nNot encrypted"_s;
}

qint64 ClientRow::lastSeen() const
{
    return connection.isThere ? connection.lastSeen : since;
}

bool ClientRow::contains(const QString &text) const
{
    // A state only by how it begins: "line" is a format.
    return text.isEmpty() || id.toString().contains(text) || name.contains(text, Qt::CaseInsensitive)
        || stateText().startsWith(text, Qt::CaseInsensitive)
        || connection.address.contains(text, Qt::CaseInsensitive)
        || formatText().contains(text, Qt::CaseInsensitive)
        || connection.tls.protocol.startsWith(text, Qt::CaseInsensitive);
}

QString ClientRow::display(int column, qint64 now) const
{
    if (!connection.isThere && (column == AddressColumn || column >= QueuedColumn))
        return kNothing;
    switch (column) {
    case IdColumn:
        return id.toString();
    case NameColumn:
        return name.isEmpty() ? kNothing : name;
    case StateColumn:
        return stateText();
    case LastSeenColumn:
        return lastSeen() == kNever ? kNothing : ageText(now - lastSeen());
    case ConnectedForColumn:
        return connection.isThere ? durationText(std::chrono::milliseconds(now - connection.connectedAt))
                                  : kNothing;
    case AddressColumn:
        return connection.address;
    case FormatColumn:
        return formatText();
    case RoundTripColumn:
        return connection.roundTripMicroseconds < 0 ? kNothing
                                                    : roundTripText(connection.roundTripMicroseconds);
    case WaitingColumn:
        if (waiting == 0)
            return kNothing;
        return waiting < HistoryStore::kMostCounted ? countText(waiting) : QString(countText(waiting) % u"+");
    case QueuedColumn:
        return connection.queuedBytes == 0 ? kNothing : byteCountText(connection.queuedBytes);
    case FramesInColumn:
        return countText(connection.framesIn);
    case FramesOutColumn:
        return countText(connection.framesOut);
    case BytesInColumn:
        return byteCountText(connection.bytesIn);
    case BytesOutColumn:
        return byteCountText(connection.bytesOut);
    case HeldBackColumn:
        return connection.heldBack == 0 ? kNothing : countText(connection.heldBack);
    case RefusedColumn:
        return connection.refused == 0 ? kNothing : countText(connection.refused);
    default:
        return {};
    }
}

QString ClientRow::toolTip(int column) const
{
    switch (column) {
    case NameColumn:
        // Rich text, so that a name is none.
        return name.isEmpty() ? u"Plain clients have an ID, no name"_s
                              : u"<span>%1</span>"_s.arg(name.toHtmlEscaped());
    case StateColumn:
        switch (state()) {
        case State::Online:
            return u"Online since %1"_s.arg(timeText(since));
        case State::Away:
            return u"Away since %1: it did nothing by hand"_s.arg(timeText(since));
        case State::Connected:
            return u"Connected; only chat clients tell whether they are away"_s;
        case State::Slow:
            return u"It reads slowly: %1 wait to be sent. It is dropped when they become too many"_s.arg(
                exactBytes(connection.queuedBytes));
        case State::Offline:
            return since == kNever ? u"Offline"_s : u"Offline, last seen %1"_s.arg(timeText(since));
        }
        return {};
    case LastSeenColumn:
        return lastSeen() == kNever ? u"Nothing came from it yet"_s : timeText(lastSeen());
    case ConnectedForColumn:
        return connection.isThere ? QString(u"Since "_s % timeText(connection.connectedAt))
                                  : u"Not connected"_s;
    case FormatColumn:
        return formatMeaning() % encryption();
    case RoundTripColumn:
        return connection.roundTripMicroseconds < 0
            ? u"Only chat clients are asked for their round trip"_s
            : u"From the last ping to its answer: %1 µs"_s.arg(
                countText(static_cast<quint64>(connection.roundTripMicroseconds)));
    case WaitingColumn:
        if (waiting == 0)
            return u"No message waits for it"_s;
        return connection.isThere
            ? u"%1 sent to it and not acknowledged by it yet"_s.arg(messages(waiting))
            : u"%1%2 stored for it until it comes back"_s.arg(
                waiting < HistoryStore::kMostCounted ? QString() : u"At least "_s, messages(waiting));
    case QueuedColumn:
        return exactBytes(connection.queuedBytes) % u" waiting to be sent";
    case BytesInColumn:
        return exactBytes(connection.bytesIn);
    case BytesOutColumn:
        return exactBytes(connection.bytesOut);
    case HeldBackColumn:
        return u"How often it was not read from for a while, because it sent more than it may in a second"_s;
    case RefusedColumn:
        return u"How many of its messages were not taken, because they were over a limit"_s;
    default:
        return {};
    }
}

bool ClientRow::isQuiet(int column) const
{
    switch (column) {
    case WaitingColumn:
        return waiting == 0;
    case NameColumn:
        return name.isEmpty() || !connection.isThere;
    case LastSeenColumn:
        return !connection.isThere || connection.lastSeen == kNever;
    case FormatColumn:
        return !connection.isThere || (connection.format.isAuto() && !connection.isChat);
    case RoundTripColumn:
        return connection.roundTripMicroseconds < 0;
    case QueuedColumn:
        return connection.queuedBytes == 0;
    case HeldBackColumn:
        return connection.heldBack == 0;
    case RefusedColumn:
        return connection.refused == 0;
    default:
        return !connection.isThere;
    }
}

ClientRow::SortKey ClientRow::sortKey(int column) const
{
    SortKey key;
    switch (column) {
    case NameColumn: // those without a name last
        key.value[0] = name.isEmpty() ? 1 : 0;
        key.text = nameKey;
        break;
    case StateColumn:
        key.value[0] = static_cast<quint64>(state());
        break;
    case AddressColumn:
        for (size_t i = 0; i < connection.addressKey.size(); ++i)
            key.value[i / 8] = key.value[i / 8] << 8 | connection.addressKey[i];
        break;
    case FormatColumn:
        key.value[0] = connection.isChat ? ~quint64{0} : quint64{connection.format.kind()};
        break;
    case ConnectedForColumn: // the shortest time first
        key.value[0] = ~ordered(connection.connectedAt);
        break;
    case LastSeenColumn: // the latest first
        key.value[0] = ~ordered(lastSeen());
        break;
    case RoundTripColumn:
        key.value[0] = ordered(connection.roundTripMicroseconds);
        break;
    case WaitingColumn:
        key.value[0] = waiting;
        break;
    case QueuedColumn:
        key.value[0] = connection.queuedBytes;
        break;
    case FramesInColumn:
        key.value[0] = connection.framesIn;
        break;
    case FramesOutColumn:
        key.value[0] = connection.framesOut;
        break;
    case BytesInColumn:
        key.value[0] = connection.bytesIn;
        break;
    case BytesOutColumn:
        key.value[0] = connection.bytesOut;
        break;
    case HeldBackColumn:
        key.value[0] = connection.heldBack;
        break;
    case RefusedColumn:
        key.value[0] = connection.refused;
        break;
    default:
        break;
    }
    return key;
}

QString ClientRow::title(int column)
{
    static const std::array<QString, ColumnCount> titles{
        u"ID"_s,       u"Name"_s,       u"State"_s,     u"Last seen"_s, u"Connected for"_s, u"Address"_s,
        u"Format"_s,   u"Round trip"_s, u"Waiting"_s,   u"Queued"_s,    u"Frames in"_s,     u"Frames out"_s,
        u"Bytes in"_s, u"Bytes out"_s,  u"Held back"_s, u"Refused"_s};
    return titles[static_cast<size_t>(column)];
}

bool ClientRow::isNumber(int column)
{
    return column >= RoundTripColumn;
}

} // namespace wireroom
