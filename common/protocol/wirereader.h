// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/protocol/messagecodec.h"

#include <QCborStreamReader>
#include <QVarLengthArray>

namespace wireroom::chat {

/// Reads the fields of a message from bytes that nobody vouches for; which ones there are and in what order
/// is said by the overloads of fields() in messagecodec.cpp, that WireWriter goes by as well. After the first
/// error it stays failed, and reads nothing more. Lives for one payload.
class WireReader
{
public:
    /// Arrays, maps and tags in each other, the message's own array included.
    static constexpr int kMaxDepth = 4;

    /// Pieces of all strings together; one of a known length is one piece. Without an end to them a message
    /// costs its reader 20 ns a byte, 20 ms a megabyte.
    static constexpr int kMaxPieces = 10'000;

    /// Elements of the fields that are not known.
    static constexpr int kMaxUnknown = 10'000;

    /// In one list: more than kMaxRecipients, so that a Post with some too many is still answered as such.
    static constexpr size_t kMaxIds = size_t(kMaxRecipients) * 3 / 2;

    /// Names and words, mostly without a heap allocation.
    using ShortBytes = QVarLengthArray<char, 256>;

    /// `payload` outlives this.
    explicit WireReader(QByteArrayView payload);

    /// Enters the message's array and reads its type.
    quint64 begin();

    /// Reads the fields; `name` is for errors.
    template <typename M> void message(const char *name, M &message)
    {
        m_message = name;
        fields(*this, message);
    }

    /// Skips the fields that are not known, and makes sure that nothing follows.
    void end();

    bool failed() const { return m_error.has_value(); }

    CodecError takeError() { return *std::move(m_error); }

    void field(const char *name, quint64 &value);
    void field(const char *name, qint64 &value);
    void field(const char *name, bool &value);
    void field(const char *name, ClientId &value);
    void field(const char *name, QString &value);
    void field(const char *name, PresenceState &value);
    void field(const char *name, BodyKind &value);
    void field(const char *name, QByteArray &value);

    template <typename T> void field(const char *name, std::optional<T> &value)
    {
        if (takeNull(name))
            value.reset();
        else
            field(name, value.emplace());
    }

    void field(const char *name, std::vector<ClientId> &ids);

    /// Empty where it is null.
    void fieldOrNull(const char *name, auto &value)
    {
        value.clear();
        if (!takeNull(name))
            field(name, value);
    }

    /// One that older peers do not send: keeps its value where it is missing.
    void addedField(const char *name, auto &value)
    {
        if (hasMore())
            field(name, value);
    }

    /// An array of the record's fields, perhaps of further ones.
    template <typename R> void record(const char *name, R &record)
    {
        if (!enter(name))
            return;
        fields(*this, record);
        leave();
    }

    template <typename R> void records(const char *name, std::vector<R> &list)
    {
        list.clear();
        if (!enter(name))
            return;
        while (hasMore())
            record(name, list.emplace_back());
        leave();
    }

    /// Text may come as a byte string, too; it is checked in either case.
    void body(const char *name, BodyKind kind, QByteArray &body);

private:
    bool isAt(const char *name);
    bool hasMore();
    bool takeNull(const char *name);
    bool enter(const char *name);
    void leave();
    void skip();
    void next();
    bool expect(bool matches, const char *expected);
    template <typename Bytes> void readString(Bytes &value, bool mustBeUtf8);
    /// Good until the next call; empty after an error.
    QLatin1StringView readWord(const char *name);
    QString found() const;
    void failBroken();
    void fail(const QString &text);

    const qsizetype m_size;
    QCborStreamReader m_cbor;
    const char *m_message = nullptr; ///< nothing: its type is not known yet
    const char *m_name = "";
    int m_depth = 0;
    int m_pieces = 0;
    int m_unknown = 0;
    quint64 m_type = 0;
    ShortBytes m_scratch;
    std::optional<CodecError> m_error;
};

} // namespace wireroom::chat
