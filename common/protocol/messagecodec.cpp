// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/messagecodec.h"

#include "common/protocol/wirereader.h"
#include "common/protocol/wirewriter.h"

#include <QtEndian>

#include <algorithm>
#include <array>
#include <concepts>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom::chat {

namespace {

template <typename T, typename M>
concept Of = std::same_as<std::remove_const_t<T>, M>;

/// Of a frame in u32be.
constexpr qsizetype kPrefixBytes = 4;

// The table of PROTOCOL.md: the number is the place in the variant, counted from 1.
static_assert(std::variant_size_v<Message> == 16);
constexpr std::array<const char *, std::variant_size_v<Message>> kNames{
    "Hello",    "Welcome", "Refused", "Post", "Stored",       "Delivery",    "Ack",    "Receipts",
    "Presence", "Rename",  "Ping",    "Pong", "HistoryQuery", "HistoryPage", "Notice", "Bye"};

} // namespace

// The fields of each message in their order, for the writer and the reader alike.

static void fields(auto &wire, Of<Hello> auto &hello)
{
    wire.field("version", hello.version);
    wire.field("name", hello.name);
    wire.fieldOrNull("token", hello.token);
    wire.field("last seq", hello.lastSeq);
    wire.field("password", hello.password);
}

static void fields(auto &wire, Of<Limits> auto &limits)
{
    wire.field("body bytes", limits.bodyBytes);
    wire.field("recipients", limits.recipients);
    wire.field("name length", limits.nameLength);
    wire.field("page messages", limits.pageMessages);
}

static void fields(auto &wire, Of<Presence> auto &presence)
{
    wire.field("ID", presence.id);
    wire.field("name", presence.name);
    wire.field("state", presence.state);
    wire.field("since", presence.since);
}

static void fields(auto &wire, Of<Welcome> auto &welcome)
{
    wire.field("version", welcome.version);
    wire.field("ID", welcome.id);
    wire.fieldOrNull("token", welcome.token);
    wire.field("server name", welcome.serverName);
    wire.field("last seq", welcome.lastSeq);
    wire.record("limits", welcome.limits);
    wire.records("roster", welcome.roster);
    wire.addedField("last ref", welcome.lastRef);
}

static void fields(auto &wire, Of<Refused> auto &refused)
{
    wire.field("code", refused.code);
    wire.field("text", refused.text);
}

static void fields(auto &wire, Of<Post> auto &post)
{
    wire.field("ref", post.ref);
    wire.field("to", post.to);
    wire.field("kind", post.kind);
    wire.body("body", post.kind, post.body);
}

static void fields(auto &wire, Of<Stored> auto &stored)
{
    wire.field("ref", stored.ref);
    wire.field("seq", stored.seq);
    wire.field("time", stored.time);
    wire.field("unknown IDs", stored.unknown);
    wire.addedField("recipients", stored.recipients);
}

static void fields(auto &wire, Of<Delivery> auto &delivery)
{
    wire.field("seq", delivery.seq);
    wire.field("time", delivery.time);
    wire.field("from", delivery.from);
    wire.field("to", delivery.to);
    wire.field("kind", delivery.kind);
    wire.body("body", delivery.kind, delivery.body);
}

static void fields(auto &wire, Of<Ack> auto &ack)
{
    wire.field("seq", ack.seq);
}

static void fields(auto &wire, Of<std::pair<quint64, ClientId>> auto &receipt)
{
    wire.field("seq", receipt.first);
    wire.field("ID", receipt.second);
}

static void fields(auto &wire, Of<Receipts> auto &receipts)
{
    wire.records("receipts", receipts.list);
}

static void fields(auto &wire, Of<Rename> auto &rename)
{
    wire.field("name", rename.name);
}

static void fields(auto &wire, Of<Ping> auto &ping)
{
    wire.field("clock", ping.clock);
}

static void fields(auto &wire, Of<Pong> auto &pong)
{
    wire.field("clock", pong.clock);
}

static void fields(auto &wire, Of<HistoryQuery> auto &query)
{
    wire.field("before", query.before);
    wire.field("after", query.after);
    wire.field("with", query.with);
    wire.fieldOrNull("text", query.text);
    wire.field("limit", query.limit);
    wire.addedField("query", query.query);
}

static void fields(auto &wire, Of<HistoryPage> auto &page)
{
    wire.records("deliveries", page.deliveries);
    wire.addedField("more", page.more);
    wire.addedField("query", page.query);
}

static void fields(auto &wire, Of<Notice> auto &notice)
{
    wire.field("code", notice.code);
    wire.field("text", notice.text);
}

static void fields(auto &wire, Of<Bye> auto &bye)
{
    wire.field("reason", bye.reason);
}

namespace {

template <typename M, size_t I = 0> consteval quint64 typeOf()
{
    if constexpr (std::same_as<M, std::variant_alternative_t<I, Message>>)
        return I + 1;
    else
        return typeOf<M, I + 1>();
}

template <typename M> void appendFrameOf(QByteArray &out, const M &message, FirstFrame first)
{
    const qsizetype start = out.size();
    out.resize(start + kPrefixBytes);
    {
        WireWriter writer(out);
        if (first == FirstFrame::Yes)
            writer.selfDescription();
        writer.message(typeOf<M>(), message);
    }
    const quint64 payloadBytes = quint64(out.size() - start - kPrefixBytes);
    Q_ASSERT(payloadBytes <= std::numeric_limits<quint32>::max());
    qToBigEndian(quint32(payloadBytes), out.data() + start);
}

template <size_t I> Decoded readMessage(WireReader &reader)
{
    Decoded decoded(std::in_place_type<Message>, std::in_place_index<I>);
    reader.message(kNames[I], std::get<I>(std::get<Message>(decoded)));
    return decoded;
}

template <size_t... I> constexpr auto readers(std::index_sequence<I...>)
{
    return std::array{&readMessage<I>...};
}

template <typename... M> constexpr std::array<bool, kNames.size()> flagsOf()
{
    std::array<bool, kNames.size()> flags{};
    ((flags[typeOf<M>() - 1] = true), ...);
    return flags;
}

constexpr auto kIsSaidByClients = flagsOf<Hello, Post, Ack, Rename, Ping, Pong, HistoryQuery, Bye>();

constexpr auto kReaders = readers(std::make_index_sequence<kNames.size()>());

constexpr char32_t kZeroWidthNonJoiner = 0x200c;
constexpr char32_t kZeroWidthJoiner = 0x200d;

/// Cannot be seen and belongs to no script, or changes how what stands around it is shown.
bool isUnfitForName(char32_t character)
{
    switch (QChar::category(character)) {
    case QChar::Other_Control:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    case QChar::Other_Format:
        return character != kZeroWidthNonJoiner && character != kZeroWidthJoiner;
    default:
        return false;
    }
}

bool mayBeAtAnEnd(char32_t character)
{
    return !QChar::isSpace(character) && QChar::category(character) != QChar::Other_Format;
}

} // namespace

void appendMessageFrame(QByteArray &out, const Message &message, FirstFrame first)
{
    std::visit([&](const auto &alternative) { appendFrameOf(out, alternative, first); }, message);
}

void appendDeliveryFrame(QByteArray &out, const Delivery &delivery)
{
    appendFrameOf(out, delivery, FirstFrame::No);
}

QByteArray encodeMessageFrame(const Message &message, FirstFrame first)
{
    QByteArray frame;
    appendMessageFrame(frame, message, first);
    return frame;
}

Decoded decodeMessage(QByteArrayView payload, Sender sender)
{
    WireReader reader(payload);
    const quint64 type = reader.begin();
    const bool isKnown = type >= 1 && type <= kReaders.size();
    if (isKnown && !reader.failed() && sender == Sender::Client && !kIsSaidByClients[type - 1]) {
        return CodecError{CodecError::Kind::WrongSide, type,
                          u"Only a server says %1."_s.arg(QLatin1StringView(kNames[type - 1]))};
    }
    Decoded decoded = isKnown && !reader.failed() ? kReaders[type - 1](reader) : Decoded();
    reader.end();
    if (reader.failed())
        return reader.takeError();
    if (!isKnown) {
        return CodecError{
            CodecError::Kind::UnknownType, type,
            u"%1 is the type of no message that is known here (1 to %2)."_s.arg(type).arg(kReaders.size())};
    }
    return decoded;
}

bool isAcceptableName(const QString &name)
{
    if (name.isEmpty() || !name.isValidUtf16())
        return false;
    const QList<uint> characters = name.toUcs4();
    return characters.size() <= kMaxNameLength && mayBeAtAnEnd(characters.front())
        && mayBeAtAnEnd(characters.back()) && std::ranges::none_of(characters, isUnfitForName);
}

QLatin1StringView toString(PresenceState state)
{
    switch (state) {
    case PresenceState::Offline:
        return "offline"_L1;
    case PresenceState::Away:
        return "away"_L1;
    case PresenceState::Online:
        return "online"_L1;
    }
    Q_UNREACHABLE();
    return {};
}

QLatin1StringView toString(BodyKind kind)
{
    switch (kind) {
    case BodyKind::Text:
        return "text"_L1;
    case BodyKind::Bytes:
        return "bytes"_L1;
    }
    Q_UNREACHABLE();
    return {};
}

} // namespace wireroom::chat
