// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/wirereader.h"

#include <QCborError>
#include <QUtf8StringView>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom::chat {

namespace {

/// Room for so many further bytes at the end; returns where they go.
char *extend(QByteArray &bytes, qsizetype count)
{
    // Bodies mostly come in one piece and are kept: no more room than they need.
    if (bytes.isEmpty())
        bytes = QByteArray(count, Qt::Uninitialized);
    else
        bytes.resize(bytes.size() + count);
    return bytes.data() + bytes.size() - count;
}

char *extend(WireReader::ShortBytes &bytes, qsizetype count)
{
    // Its resize() alone copies everything again for each piece.
    if (bytes.size() + count > bytes.capacity())
        bytes.reserve(std::max(2 * bytes.size(), bytes.size() + count));
    bytes.resize(bytes.size() + count);
    return bytes.data() + bytes.size() - count;
}

} // namespace

WireReader::WireReader(QByteArrayView payload)
    : m_size(payload.size()), m_cbor(payload.data(), payload.size())
{
}

template <typename Bytes> void WireReader::readString(Bytes &value, bool mustBeUtf8)
{
    value.clear();
    while (true) {
        // What a chunk claims is believed only where that many bytes are there.
        const qsizetype chunk = m_cbor.currentStringChunkSize();
        if (chunk < 0)
            return failBroken();
        if (chunk > m_size - m_cbor.currentOffset())
            return fail(u"claims %1 bytes; the message ends before."_s.arg(chunk));
        char *const start = extend(value, chunk);
        const auto read = m_cbor.readStringChunk(start, chunk);
        if (read.status == QCborStreamReader::Error)
            return failBroken();
        if (read.status == QCborStreamReader::EndOfString)
            return;
        if (++m_pieces > kMaxPieces)
            return fail(u"comes in too many pieces: a message may have %1."_s.arg(kMaxPieces));
        if (mustBeUtf8 && !QUtf8StringView(start, chunk).isValidUtf8())
            return fail(u"is not valid UTF-8."_s);
    }
}

quint64 WireReader::begin()
{
    if (m_cbor.isTag() && m_cbor.toTag() == QCborTag(QCborKnownTags::Signature))
        next();
    if (enter("The payload"))
        field("The type", m_type);
    m_message = "The message";
    return m_type;
}

void WireReader::end()
{
    leave();
    if (!failed() && m_cbor.currentOffset() != m_size) {
        m_name = "the array";
        fail(u"ends at byte %1 of %2; nothing may follow it."_s.arg(m_cbor.currentOffset()).arg(m_size));
    }
}

void WireReader::field(const char *name, quint64 &value)
{
    if (!isAt(name) || !expect(m_cbor.isUnsignedInteger(), "an unsigned integer"))
        return;
    value = m_cbor.toUnsignedInteger();
    next();
}

void WireReader::field(const char *name, qint64 &value)
{
    if (!isAt(name) || !expect(m_cbor.isInteger(), "an integer"))
        return;
    // CBOR's negative integers are -1 - n, with an n of 64 bits.
    const bool isNegative = m_cbor.isNegativeInteger();
    const quint64 n = isNegative ? quint64(m_cbor.toNegativeInteger()) - 1 : m_cbor.toUnsignedInteger();
    if (n > quint64(std::numeric_limits<qint64>::max()))
        return fail(u"should fit into 64 bits with a sign, but does not."_s);
    value = isNegative ? -1 - qint64(n) : qint64(n);
    next();
}

void WireReader::field(const char *name, bool &value)
{
    if (!isAt(name) || !expect(m_cbor.isBool(), "true or false"))
        return;
    value = m_cbor.toBool();
    next();
}

void WireReader::field(const char *name, ClientId &value)
{
    quint64 id = 0;
    field(name, id);
    value = ClientId(id);
}

void WireReader::field(const char *name, QString &value)
{
    if (!isAt(name) || !expect(m_cbor.isString(), "a text string"))
        return;
    readString(m_scratch, true);
    value = QString::fromUtf8(m_scratch.data(), m_scratch.size());
}

void WireReader::field(const char *name, PresenceState &value)
{
    const QLatin1StringView word = readWord(name);
    for (const PresenceState state : {PresenceState::Offline, PresenceState::Away, PresenceState::Online}) {
        if (word == toString(state)) {
            value = state;
            return;
        }
    }
    fail(u"should be “online”, “away” or “offline”."_s);
}

void WireReader::field(const char *name, BodyKind &value)
{
    const QLatin1StringView word = readWord(name);
    for (const BodyKind kind : {BodyKind::Text, BodyKind::Bytes}) {
        if (word == toString(kind)) {
            value = kind;
            return;
        }
    }
    fail(u"should be “text” or “bytes”."_s);
}

void WireReader::field(const char *name, QByteArray &value)
{
    if (!isAt(name) || !expect(m_cbor.isByteArray(), "a byte string"))
        return;
    readString(value, false);
}

void WireReader::field(const char *name, std::vector<ClientId> &ids)
{
    ids.clear();
    if (!enter(name))
        return;
    while (hasMore()) {
        if (ids.size() == kMaxIds)
            return fail(u"is too long: a list may hold %1 IDs."_s.arg(kMaxIds));
        field(name, ids.emplace_back());
    }
    leave();
}

void WireReader::body(const char *name, BodyKind kind, QByteArray &body)
{
    const bool isText = kind == BodyKind::Text;
    if (!isAt(name)
        || !expect(m_cbor.isByteArray() || (isText && m_cbor.isString()),
                   isText ? "a text string" : "a byte string")) {
        return;
    }
    readString(body, isText);
}

bool WireReader::isAt(const char *name)
{
    m_name = name;
    if (failed())
        return false;
    if (m_cbor.lastError() != QCborError::NoError) {
        failBroken();
        return false;
    }
    if (!m_cbor.hasNext()) {
        fail(u"is missing."_s);
        return false;
    }
    return true;
}

bool WireReader::hasMore()
{
    if (!failed() && m_cbor.lastError() != QCborError::NoError)
        failBroken();
    return !failed() && m_cbor.hasNext();
}

bool WireReader::takeNull(const char *name)
{
    if (!isAt(name) || !m_cbor.isNull())
        return false;
    next();
    return true;
}

bool WireReader::enter(const char *name)
{
    if (!isAt(name) || !expect(m_cbor.isArray(), "an array"))
        return false;
    ++m_depth;
    if (!m_cbor.enterContainer())
        failBroken();
    return !failed();
}

void WireReader::leave()
{
    m_name = "a further field";
    while (hasMore())
        skip();
    if (failed())
        return;
    --m_depth;
    if (!m_cbor.leaveContainer())
        failBroken();
}

void WireReader::skip()
{
    if (++m_unknown > kMaxUnknown)
        return fail(u"is too long: %1 elements may be unknown here."_s.arg(kMaxUnknown));
    if (m_cbor.isString() || m_cbor.isByteArray())
        return readString(m_scratch, m_cbor.isString());
    if (!m_cbor.isContainer() && !m_cbor.isTag())
        return next();
    if (m_depth == kMaxDepth)
        return fail(u"is nested deeper than %1 levels."_s.arg(kMaxDepth));
    if (m_cbor.isTag()) {
        ++m_depth;
        next();
        if (hasMore())
            skip();
        --m_depth;
        return;
    }
    ++m_depth;
    if (m_cbor.enterContainer())
        leave();
    else
        failBroken();
}

void WireReader::next()
{
    // An error that this meets belongs to the element behind, and is seen when that is to be read.
    m_cbor.next();
}

bool WireReader::expect(bool matches, const char *expected)
{
    if (!matches)
        fail(u"should be %1, but is %2."_s.arg(QLatin1StringView(expected), found()));
    return matches;
}

QLatin1StringView WireReader::readWord(const char *name)
{
    m_scratch.clear();
    if (isAt(name) && expect(m_cbor.isString(), "a text string"))
        readString(m_scratch, true);
    return QLatin1StringView(m_scratch.data(), m_scratch.size());
}

QString WireReader::found() const
{
    switch (m_cbor.type()) {
    case QCborStreamReader::UnsignedInteger:
        return u"an unsigned integer"_s;
    case QCborStreamReader::NegativeInteger:
        return u"a negative integer"_s;
    case QCborStreamReader::ByteString:
        return u"a byte string"_s;
    case QCborStreamReader::TextString:
        return u"a text string"_s;
    case QCborStreamReader::Array:
        return u"an array"_s;
    case QCborStreamReader::Map:
        return u"a map"_s;
    case QCborStreamReader::Tag:
        return u"a tag"_s;
    case QCborStreamReader::SimpleType:
        return m_cbor.isNull() ? u"null"_s : m_cbor.isBool() ? u"true or false"_s : u"a simple value"_s;
    case QCborStreamReader::Float16:
    case QCborStreamReader::Float:
    case QCborStreamReader::Double:
        return u"a floating-point number"_s;
    case QCborStreamReader::Invalid:
        break;
    }
    return u"nothing"_s;
}

void WireReader::failBroken()
{
    const QCborError error = m_cbor.lastError();
    if (error == QCborError::EndOfFile)
        fail(u"is cut off: the message ends at byte %1."_s.arg(m_size));
    else
        fail(u"is no CBOR at byte %1: %2."_s.arg(m_cbor.currentOffset()).arg(error.toString()));
}

void WireReader::fail(const QString &text)
{
    if (failed())
        return;
    QString sentence;
    if (m_message)
        sentence = QLatin1StringView(m_message) + u": "_s;
    m_error
        = CodecError{CodecError::Kind::Malformed, m_type, sentence + QLatin1StringView(m_name) + u' ' + text};
}

} // namespace wireroom::chat
