// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QHashFunctions>
#include <QString>

#include <compare>

namespace wireroom {

/// A client's number: positive, never given twice by one server (the counter is kept in the data directory).
/// 0 is the server's operator.
class ClientId
{
public:
    constexpr ClientId() = default;

    constexpr explicit ClientId(quint64 value) : m_value(value) { }

    constexpr quint64 value() const { return m_value; }

    constexpr bool isOperator() const { return m_value == 0; }

    QString toString() const { return QString::number(m_value); }

    friend constexpr auto operator<=>(ClientId, ClientId) = default;

    friend size_t qHash(ClientId id, size_t seed = 0) { return ::qHash(id.m_value, seed); }

private:
    quint64 m_value = 0;
};

inline constexpr ClientId kOperator{0};

} // namespace wireroom
