// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>
#include <QStringView>

#include <concepts>
#include <functional>
#include <utility>

namespace wireroom {

/// One JSON object in one line, its members in the order they were added (QJsonObject sorts them, which is
/// hard on the eyes of whoever reads a log). A value; any thread.
class JsonLine
{
public:
    /// `{"event":"…"` to begin with.
    explicit JsonLine(QLatin1StringView event)
    {
        add(QLatin1StringView("event"), QStringView(QString(event)));
    }

    /// An empty object, for members of lists.
    JsonLine() = default;

    JsonLine &add(QLatin1StringView key, QStringView text);

    JsonLine &add(QLatin1StringView key, const QString &text) { return add(key, QStringView(text)); }

    JsonLine &add(QLatin1StringView key, std::unsigned_integral auto number)
    {
        return addNumber(key, quint64(number));
    }

    JsonLine &add(QLatin1StringView key, bool value);

    JsonLine &addNull(QLatin1StringView key);

    /// A list of ready-made JSON values.
    template <typename List, typename ToJson>
    JsonLine &addList(QLatin1StringView key, const List &list, ToJson itemToJson)
    {
        beginMember(key);
        m_text += '[';
        bool first = true;
        for (const auto &item : list) {
            if (!std::exchange(first, false))
                m_text += ',';
            m_text += itemToJson(item);
        }
        m_text += ']';
        return *this;
    }

    /// `"text":"…"` where the payload is valid UTF-8, `"hex":"00ff"` otherwise. Only once in an object; the
    /// bytes are looked at when it is written, and must be there until then.
    JsonLine &addPayload(QByteArrayView payload);

    /// The object, without a line end, in pieces: a payload of any size takes next to no memory besides its
    /// own. `piece` returns false to end it. `payloadPieceBytes`: 8 at least.
    void write(const std::function<bool(QByteArrayView)> &piece,
               qsizetype payloadPieceBytes = 64 * 1024) const;

    /// The same as one array.
    QByteArray toJson() const;

private:
    void beginMember(QLatin1StringView key);
    JsonLine &addNumber(QLatin1StringView key, quint64 number);

    QByteArray m_text;
    QByteArrayView m_payload;
    qsizetype m_payloadAt = -1; ///< where in m_text it belongs
    bool m_payloadIsText = false;
};

} // namespace wireroom
