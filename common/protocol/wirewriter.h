// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/protocol/message.h"

#include <QCborStreamWriter>

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
class WireWriter
{
public:
    /// `out` is appended to, and outlives this.
    explicit WireWriter(QByteArray &out);
    ~WireWriter();
    Q_DISABLE_COPY_MOVE(WireWriter)

    void selfDescription() { m_cbor.append(QCborKnownTags::Signature); }

    /// An array of the number and the fields.
    template <typename M> void message(quint64 type, const M &message)
    {
        FieldCount counter;
        fields(counter, message);
        m_cbor.startArray(counter.count + 1);
        m_cbor.append(type);
        fields(*this, message);
        m_cbor.endArray();
    }

    void field(const char *, quint64 value) { m_cbor.append(value); }

    void field(const char *, qint64 value) { m_cbor.append(value); }

    void field(const char *, bool value) { m_cbor.append(value); }

    void field(const char *, ClientId value) { m_cbor.append(value.value()); }

    void field(const char *, const QString &value) { m_cbor.append(QStringView(value)); }

    void field(const char *, PresenceState value);
    void field(const char *, BodyKind value);

    void field(const char *, const QByteArray &value) { m_cbor.append(value); }

    template <typename T> void field(const char *name, const std::optional<T> &value)
    {
        if (value)
            field(name, *value);
        else
            m_cbor.appendNull();
    }

    void field(const char *, const std::vector<ClientId> &ids);

    /// Null where it is empty.
    void fieldOrNull(const char *name, const auto &value)
    {
        if (value.isEmpty())
            m_cbor.appendNull();
        else
            field(name, value);
    }

    void addedField(const char *name, const auto &value) { field(name, value); }

    /// An array of the record's fields.
    template <typename R> void record(const char *, const R &record)
    {
        FieldCount counter;
        fields(counter, record);
        m_cbor.startArray(counter.count);
        fields(*this, record);
        m_cbor.endArray();
    }

    template <typename R> void records(const char *name, const std::vector<R> &list)
    {
        m_cbor.startArray(list.size());
        for (const R &item : list)
            record(name, item);
        m_cbor.endArray();
    }

    void body(const char *, BodyKind kind, const QByteArray &body);

private:
    QCborStreamWriter m_cbor;
};

} // namespace wireroom::chat
