// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/loadmessage.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace wireroom::load {

namespace {

constexpr size_t kShifts = 61; ///< a prime, so that it fits no power of two

/// Buckets for each doubling.
constexpr unsigned kSteps = 64;

size_t bucketOf(uint64_t value)
{
    if (value < kSteps)
        return size_t(value);
    const unsigned doublings = unsigned(std::bit_width(value)) - 7;
    return size_t(doublings) * kSteps + size_t(value >> doublings);
}

uint64_t valueOf(size_t bucket)
{
    if (bucket < 2 * kSteps)
        return bucket;
    const size_t doublings = bucket / kSteps - 1;
    return uint64_t(bucket - doublings * kSteps) << doublings;
}

} // namespace

Messages::Messages(size_t bytes, Form form)
    : m_headBytes(form == Form::Line ? 2 * sizeof(Head) : sizeof(Head)), m_bytes(std::max(bytes, m_headBytes))
{
    uint32_t state = 12'345;
    m_filling.resize(m_bytes + kShifts);
    for (char &byte : m_filling) {
        state = state * 1'664'525 + 1'013'904'223;
        byte = char('0' + (state >> 24) % 64);
    }
}

void Messages::append(std::string &out, uint32_t sender, uint32_t count, uint64_t time) const
{
    const size_t at = out.size();
    out.resize(at + m_bytes);
    const Head head{sender, count, time};
    std::array<char, sizeof head> bytes;
    std::memcpy(bytes.data(), &head, sizeof head);
    char *to = out.data() + at;
    if (m_headBytes == sizeof head) {
        std::memcpy(to, bytes.data(), sizeof head);
    } else {
        // Half a byte in each character.
        for (const char byte : bytes) {
            *to++ = char('A' + (uint8_t(byte) >> 4));
            *to++ = char('A' + (uint8_t(byte) & 15));
        }
    }
    std::memcpy(out.data() + at + m_headBytes, m_filling.data() + (sender + count) % kShifts,
                m_bytes - m_headBytes);
}

bool Messages::read(std::string_view payload, Head &head) const
{
    if (payload.size() != m_bytes)
        return false;
    if (m_headBytes == sizeof head) {
        std::memcpy(&head, payload.data(), sizeof head);
    } else {
        std::array<char, sizeof head> bytes;
        for (size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = char((payload[2 * i] - 'A') << 4 | (payload[2 * i + 1] - 'A'));
        std::memcpy(&head, bytes.data(), sizeof head);
    }
    return std::memcmp(payload.data() + m_headBytes, m_filling.data() + (head.sender + head.count) % kShifts,
                       m_bytes - m_headBytes)
        == 0;
}

Histogram::Histogram() : m_buckets(64 * kSteps) { }

void Histogram::add(uint64_t nanoseconds)
{
    ++m_buckets[std::min(bucketOf(nanoseconds), m_buckets.size() - 1)];
    ++m_count;
    m_highest = std::max(m_highest, nanoseconds);
}

uint64_t Histogram::quantile(double share) const
{
    const auto wanted = uint64_t(double(m_count) * share);
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < m_buckets.size(); ++bucket) {
        seen += m_buckets[bucket];
        if (seen > wanted)
            return valueOf(bucket);
    }
    return m_highest;
}

} // namespace wireroom::load
