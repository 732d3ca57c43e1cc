// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

#include <utility>
#include <variant>

namespace wireroom {

/// Why something did not work, for a program (`code`) and for a person (`text`: one sentence with the cause
/// and, where there is one, what to do about it).
struct Error
{
    enum class Code {
        BadInput,     ///< what was asked for makes no sense; asking again will not help
        NotFound,     ///< an ID, a host or a file that is not there
        InUse,        ///< a port or a data directory that somebody else holds
        NotPermitted, ///< the system refused
        Unreachable,  ///< no way to the other side now; may pass
        ClosedByPeer, ///< the other side ended it
        TooLarge,     ///< over a limit
        Busy,         ///< a queue is full; may pass
        Unsupported,  ///< understood, but not something this program does
        Internal,     ///< our own fault
    };

    Code code = Code::Internal;
    QString text;
};

/// A value or an Error: the road for remote data and input/output.
template <typename T> class [[nodiscard]] Result
{
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) { }

    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) { }

    explicit operator bool() const { return m_state.index() == 0; }

    const T &value() const & { return std::get<0>(m_state); }

    T &value() & { return std::get<0>(m_state); }

    T &&value() && { return std::get<0>(std::move(m_state)); }

    const Error &error() const { return std::get<1>(m_state); }

private:
    std::variant<T, Error> m_state;
};

} // namespace wireroom
