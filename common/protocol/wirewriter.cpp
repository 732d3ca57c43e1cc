// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/wirewriter.h"

#include "common/protocol/messagecodec.h"

#include <algorithm>

namespace wireroom::chat {

void WireWriter::field(const char *, PresenceState value)
{
    const QLatin1StringView text = toString(value);
    string(Major::Text, QByteArrayView(text.data(), text.size()));
}

void WireWriter::field(const char *, BodyKind value)
{
    const QLatin1StringView text = toString(value);
    string(Major::Text, QByteArrayView(text.data(), text.size()));
}

void WireWriter::field(const char *, const std::vector<ClientId> &ids)
{
    head(Major::Array, ids.size());
    for (const ClientId id : ids)
        head(Major::Unsigned, id.value());
}

void WireWriter::body(const char *, BodyKind kind, const QByteArray &body)
{
    string(kind == BodyKind::Text ? Major::Text : Major::Bytes, body);
}

/// One byte that says how many follow, then the value in big-endian order.
void WireWriter::longHead(quint8 first, quint64 value)
{
    const int power = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffff ? 2 : 3;
    put(quint8(first | (24 + power)));
    for (int shift = (8 << power) - 8; shift >= 0; shift -= 8)
        put(quint8(value >> shift));
}

void WireWriter::string(Major major, QByteArrayView content)
{
    head(major, quint64(content.size()));
    if (size_t(content.size()) <= m_heads.size() - m_used) {
        std::copy(content.begin(), content.end(), m_heads.begin() + qptrdiff(m_used));
        m_used += size_t(content.size());
        return;
    }
    flush();
    m_out.append(content);
}

void WireWriter::flush()
{
    m_out.append(m_heads.data(), qsizetype(m_used));
    m_used = 0;
}

} // namespace wireroom::chat
