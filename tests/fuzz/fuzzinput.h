// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <algorithm>
#include <memory>

namespace wireroom::fuzz {

/// Takes decisions and data off an input, in order. At its end there are zeros and nothing more.
class Input
{
public:
    explicit Input(QByteArrayView bytes) : m_rest(bytes) { }

    bool isAtEnd() const { return m_rest.isEmpty(); }

    quint8 byte()
    {
        if (m_rest.isEmpty())
            return 0;
        const auto value = quint8(m_rest.front());
        m_rest = m_rest.sliced(1);
        return value;
    }

    template <typename T, size_t N> const T &oneOf(const T (&choices)[N]) { return choices[byte() % N]; }

    QByteArrayView bytes(qsizetype count)
    {
        const QByteArrayView taken = m_rest.first(std::min(count, m_rest.size()));
        m_rest = m_rest.sliced(taken.size());
        return taken;
    }

    QByteArrayView rest() { return bytes(m_rest.size()); }

private:
    QByteArrayView m_rest;
};

/// The bytes in memory of exactly their size, so that the address sanitizer sees one step too far.
class Exact
{
public:
    explicit Exact(QByteArrayView bytes) : m_bytes(new char[size_t(bytes.size())]), m_size(bytes.size())
    {
        std::copy(bytes.begin(), bytes.end(), m_bytes.get());
    }

    QByteArrayView view() const { return {m_bytes.get(), m_size}; }

private:
    std::unique_ptr<char[]> m_bytes;
    qsizetype m_size;
};

} // namespace wireroom::fuzz
