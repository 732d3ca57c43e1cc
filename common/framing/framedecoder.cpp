// SPDX-License-Identifier: Apache-2.0
#include "common/framing/framedecoder.h"

#include "common/framing/byteexplainer.h"

#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What is put aside at once for a frame whose end is not there yet; more comes with its bytes.
constexpr quint64 kFirstReserveBytes = 1024;

/// Times as much as has come.
constexpr quint64 kReserveFactor = 4;

/// Where less of a frame is missing, one read takes it together with what follows.
constexpr quint64 kDirectBytes = 16 * 1024;

} // namespace

FrameDecoder::FrameDecoder(FrameFormat format, quint64 maxPayloadBytes)
    : m_format(format)
      // A QByteArray's size is signed, and growing doubles it: half of the largest is what can be held.
      ,
      m_limit(std::min(maxPayloadBytes, quint64(std::numeric_limits<qsizetype>::max() / 2)))
{
    Q_ASSERT(!format.isAuto());
}

bool FrameDecoder::beginBody(quint64 length, QByteArrayView chunk, const char *rest)
{
    if (length > m_limit) {
        const QByteArrayView header(m_header.data(), m_format.prefixBytes());
        return failTooLarge(length, QByteArray(header.toByteArray() + QByteArrayView(rest, chunk.end())), {});
    }
    m_bodyBytes = length;
    m_state = State::Body;
    m_body.reserve(qsizetype(std::min(length, kFirstReserveBytes)) + m_format.prefixBytes());
    m_body.append(m_header.data(), m_format.prefixBytes());
    return true;
}

void FrameDecoder::appendToBody(const char *bytes, qsizetype count, quint64 wanted)
{
    makeRoom(quint64(m_body.size()) + quint64(count), wanted);
    m_body.append(bytes, count);
}

/// `wanted`: of the payload, in the end.
void FrameDecoder::makeRoom(quint64 needed, quint64 wanted)
{
    if (needed <= quint64(m_body.capacity()))
        return;
    const quint64 most = wanted + quint64(m_format.prefixBytes());
    m_body.reserve(qsizetype(std::min(most, std::max(kReserveFactor * needed, kFirstReserveBytes))));
}

std::span<char> FrameDecoder::bodySpace()
{
    if (!prefixed() || m_state != State::Body)
        return {};
    const quint64 missing = m_bodyBytes - bodyBytesHere();
    if (missing < kDirectBytes)
        return {};
    const qsizetype have = m_body.size();
    makeRoom(quint64(have) + 1, m_bodyBytes);
    m_body.resize(qsizetype(std::min(quint64(have) + missing, quint64(m_body.capacity()))));
    return std::span(m_body.data(), size_t(m_body.size())).subspan(size_t(have));
}

bool FrameDecoder::appendToStream(QByteArrayView chunk)
{
    const quint64 needed = quint64(m_body.size()) + quint64(chunk.size());
    if (needed > m_limit)
        return failTooLarge(needed, chunk, {});
    appendToBody(chunk.data(), chunk.size(), m_limit);
    return true;
}

bool FrameDecoder::failTooLarge(quint64 length, QByteArrayView bytes, QByteArrayView before)
{
    m_error.kind = FrameError::Kind::TooLarge;
    m_error.claimedBytes = length;
    const QString limit = grouped(m_limit);
    if (m_format.kind() == FrameFormat::Lines) {
        m_error.text = u"A line is longer than the limit of %1 bytes."_s.arg(limit);
    } else if (m_format.kind() == FrameFormat::Stream) {
        m_error.text = u"The message is longer than the limit of %1 bytes."_s.arg(limit);
    } else {
        m_error.text = u"A frame claims %1 bytes (%2, header %3); the limit is %4."_s.arg(
            grouped(length), m_format.toString(), hexPreview(bytes.first(m_format.prefixBytes())), limit);
        if (before.size() < m_format.prefixBytes())
            before = QByteArrayView(m_tail.data(), m_tailBytes);
        const QString hint = explainHeader(m_format, bytes, before, m_limit);
        if (!hint.isEmpty())
            m_error.text += u' ' % hint;
    }
    m_body = {};
    m_headerBytes = 0;
    m_state = State::Failed;
    return false;
}

QString FrameDecoder::describeUnfinished() const
{
    if (m_format.kind() == FrameFormat::Lines) {
        const QByteArrayView shown = QByteArrayView(m_body).first(std::min<qsizetype>(m_body.size(), 64));
        const QString content
            = isText(shown) ? QString(u"“"_s % QString::fromUtf8(shown) % u"”"_s) : hexPreview(shown);
        return u"%1 bytes of a line without its line feed: %2."_s.arg(grouped(quint64(m_body.size())),
                                                                      content);
    }
    if (m_headerBytes > 0) {
        const QByteArrayView header(m_header.data(), m_headerBytes);
        QString text = u"%1 of the %2 bytes of a %3 header: %4."_s.arg(
            QString::number(m_headerBytes), QString::number(m_format.prefixBytes()), m_format.toString(),
            hexPreview(header));
        const QString hint = explainFrameEnd(header);
        return hint.isEmpty() ? text : QString(text % u' ' % hint);
    }
    const QByteArrayView bytes
        = QByteArrayView(m_body).first(std::min<qsizetype>(m_body.size(), m_format.prefixBytes() + 64));
    QString text = u"%1 of the %2 bytes of a frame (%3, header %4)."_s.arg(
        grouped(bodyBytesHere()), grouped(m_bodyBytes), m_format.toString(),
        hexPreview(bytes.first(m_format.prefixBytes())));
    QString hint;
    if (quint64(m_body.size()) == m_bodyBytes) {
        hint = u"That is as much as came with the header included: it may be that the sender counts the "
               u"header in its "
               "lengths. It must count the payload only."_s;
    } else {
        hint = explainHeader(m_format, bytes, {}, m_limit);
    }
    if (!hint.isEmpty())
        text += u' ' % hint;
    return text;
}

bool FrameDecoder::failTruncated()
{
    m_error.kind = FrameError::Kind::Truncated;
    m_error.claimedBytes = expectedBytes();
    m_error.text = u"The connection ended inside a frame: "_s % describeUnfinished();
    m_body = {};
    m_headerBytes = 0;
    m_state = State::Failed;
    return false;
}

} // namespace wireroom
