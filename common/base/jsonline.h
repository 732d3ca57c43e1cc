// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>
#include <QStringView>

#include <concepts>
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

    /// `"text":"…"` where the payload is valid UTF-8, `"hex":"00ff"` otherwise.
    JsonLine &addPayload(QByteArrayView payload);

    /// The object, without a line end.
    QByteArray toJson() const { return m_text.isEmpty() ? QByteArray("{}") : m_text + '}'; }

private:
    void beginMember(QLatin1StringView key);
    JsonLine &addNumber(QLatin1StringView key, quint64 number);

    QByteArray m_text;
};

} // namespace wireroom
