// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wireroom::load {

/// What is sent: who sent it, the how-manieth it is, when, and bytes that follow from these, so that a
/// message that is lost, doubled, damaged or another's is noticed.
class Messages
{
public:
    enum class Form {
        Bytes, ///< 16 bytes at least
        Line,  ///< printable; 32 bytes at least
    };

    /// Never smaller than the form allows.
    explicit Messages(size_t bytes, Form form = Form::Bytes);

    size_t bytes() const { return m_bytes; }

    void append(std::string &out, uint32_t sender, uint32_t count, uint64_t time) const;

    struct Head
    {
        uint32_t sender = 0;
        uint32_t count = 0;
        uint64_t time = 0;
    };

    /// False where the bytes are not those of such a message.
    bool read(std::string_view payload, Head &head) const;

private:
    size_t m_headBytes;
    size_t m_bytes;
    std::string m_filling; ///< begins at another place for each count
};

/// Times, in so many buckets that the error is below 2 %.
class Histogram
{
public:
    Histogram();

    void add(uint64_t nanoseconds);

    uint64_t count() const { return m_count; }

    /// Nanoseconds; 0.99 for p99.
    uint64_t quantile(double share) const;

    uint64_t highest() const { return m_highest; }

private:
    std::vector<uint64_t> m_buckets;
    uint64_t m_count = 0;
    uint64_t m_highest = 0;
};

} // namespace wireroom::load
