// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/protocol/message.h"

#include <array>

namespace wireroom::chat {

/// Counts the fields of a message, as WireWriter would write them.
struct FieldCount
{
    quint64 count = 0;

    void field(const char *, const auto &) { ++count; }

    void fieldOrNull(const char *, const auto &) { ++count; }

    void addedField(const char *, const auto &) { ++count; }

    void record(const char *, const auto &) { ++count; }

    void records(const char *, const auto &) { ++count; }

    void body(const char *, BodyKind, const QByteArray &) { ++count; }
};

/// Writes the fields of a message; which ones there are and in what order is said by the overloads of
/// fields() in messagecodec.cpp, that WireReader goes by as well. Lives for one message.
///
/// What a message needs of CBOR (RFC 8949, section 3) is a head for each item, in its shortest form. With
/// QCborStreamWriter, which passes each through a QIODevice, receipts and deliveries took a third of a busy
/// server's instructions.
class WireWriter
{
public:
    /// `out` is appended to, and outlives this.
    explicit WireWriter(QByteArray &out) : m_out(out) { }

    ~WireWriter() { flush(); }
    Q_DISABLE_COPY_MOVE(WireWriter)

    void selfDescription() { head(Major::Tag, kSelfDescription); }

    /// An array of the number and the fields.
    template <typename M> void message(quint64 type, const M &message)
    {
        FieldCount counter;
        fields(counter, message);
        head(Major::Array, counter.count + 1);
        head(Major::Unsigned, type);
        fields(*this, message);
    }

    void field(const char *, quint64 value) { head(Major::Unsigned, value); }

    void field(const char *, qint64 value)
    {
        if (value >= 0)
            head(Major::Unsigned, quint64(value));
        else
            head(Major::Negative, ~quint64(value));
    }

    void field(const char *, bool value) { head(Major::Simple, value ? kTrue : kFalse); }

    void field(const char *, ClientId value) { head(Major::Unsigned, value.value()); }

    void field(const char *, const QString &value) { string(Major::Text, value.toUtf8()); }

    void field(const char *, PresenceState value);
    void field(const char *, BodyKind value);

    void field(const char *, const QByteArray &value) { string(Major::Bytes, value); }

    template <typename T> void field(const char *name, const std::optional<T> &value)
    {
        if (value)
            field(name, *value);
        else
            head(Major::Simple, kNull);
    }

    void field(const char *, const std::vector<ClientId> &ids);

    /// Null where it is empty.
    void fieldOrNull(const char *name, const auto &value)
    {
        if (value.isEmpty())
            head(Major::Simple, kNull);
        else
            field(name, value);
    }

    void addedField(const char *name, const auto &value) { field(name, value); }

    /// An array of the record's fields.
    template <typename R> void record(const char *, const R &record)
    {
        FieldCount counter;
        fields(counter, record);
        head(Major::Array, counter.count);
        fields(*this, record);
    }

    template <typename R> void records(const char *name, const std::vector<R> &list)
    {
        head(Major::Array, list.size());
        for (const R &item : list)
            record(name, item);
    }

    void body(const char *, BodyKind kind, const QByteArray &body);

private:
    enum class Major : quint8 { Unsigned, Negative, Bytes, Text, Array, Map, Tag, Simple };

    static constexpr quint64 kFalse = 20;
    static constexpr quint64 kTrue = 21;
    static constexpr quint64 kNull = 22;
    static constexpr quint64 kSelfDescription = 55799;
    static constexpr size_t kLongestHead = 9;

    void head(Major major, quint64 value)
    {
        if (m_used + kLongestHead > m_heads.size())
            flush();
        const auto first = quint8(quint8(major) << 5);
        if (value < 24)
            put(quint8(first | value));
        else
            longHead(first, value);
    }

    void put(quint8 byte) { m_heads[m_used++] = char(byte); }

    void longHead(quint8 first, quint64 value);
    void string(Major major, QByteArrayView content);
    void flush();

    QByteArray &m_out;
    size_t m_used = 0;
    std::array<char, 240> m_heads; ///< that follow m_out
};

} // namespace wireroom::chat
