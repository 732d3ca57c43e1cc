// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/loadchatwire.h"

#include "tests/benchmarks/loadsocket.h"

namespace wireroom::load {

namespace {

constexpr std::string_view kFirstFrame = "\xd9\xd9\xf7";
constexpr std::string_view kNull = "\xf6";

/// An Ack for this many deliveries.
constexpr uint64_t kAckEvery = 64;

enum Major : uint8_t { Unsigned = 0, Text = 3, Array = 4 };

enum Type : uint8_t {
    Hello = 1,
    Welcome = 2,
    Refused = 3,
    Post = 4,
    Delivery = 6,
    Ack = 7,
    Ping = 11,
    Pong = 12
};

void appendHead(std::string &out, Major major, uint64_t value)
{
    const auto first = uint8_t(major << 5);
    if (value < 24) {
        out.push_back(char(first | value));
        return;
    }
    const int bytes = value < 0x100 ? 0 : value < 0x10000 ? 1 : value < 0x100000000 ? 2 : 3;
    out.push_back(char(first | (24 + bytes)));
    for (int left = 1 << bytes; left-- > 0;)
        out.push_back(char(value >> (8 * left)));
}

void appendText(std::string &out, std::string_view text)
{
    appendHead(out, Text, text.size());
    out.append(text);
}

void appendFrame(std::string &out, std::string_view content)
{
    for (int left = 4; left-- > 0;)
        out.push_back(char(content.size() >> (8 * left)));
    out.append(content);
}

/// Reads CBOR that the server wrote; ends the program where it is none.
class Reader
{
public:
    explicit Reader(std::string_view bytes) : m_bytes(bytes) { }

    uint64_t head()
    {
        const uint8_t extra = byte() & 31;
        if (extra < 24)
            return extra;
        if (extra > 27)
            fail("the server sends CBOR that this does not know");
        uint64_t value = 0;
        for (int left = 1 << (extra - 24); left > 0; --left)
            value = value << 8 | byte();
        return value;
    }

    std::string_view string()
    {
        const uint64_t length = head();
        if (length > m_bytes.size() - m_at)
            fail("the server sends a string that does not fit into its frame");
        m_at += size_t(length);
        return m_bytes.substr(m_at - size_t(length), size_t(length));
    }

    void skipByte() { byte(); }

private:
    uint8_t byte()
    {
        if (m_at >= m_bytes.size())
            fail("the server sends CBOR that ends too early");
        return uint8_t(m_bytes[m_at++]);
    }

    std::string_view m_bytes;
    size_t m_at = 0;
};

class Chat : public Wire
{
public:
    std::string greeting(uint32_t number, bool) const override
    {
        std::string content(kFirstFrame);
        appendHead(content, Array, 6);
        appendHead(content, Unsigned, Hello);
        appendHead(content, Unsigned, 1);
        appendText(content, "bench " + std::to_string(number));
        content.append(kNull).append(kNull).append(kNull);
        std::string out;
        appendFrame(out, content);
        return out;
    }

    void append(std::string &out, std::string_view payload, uint32_t count) const override
    {
        std::string content;
        content.reserve(payload.size() + 32);
        appendHead(content, Array, 5);
        appendHead(content, Unsigned, Post);
        appendHead(content, Unsigned, uint64_t(count) + 1);
        content.append(kNull);
        appendText(content, "text");
        appendText(content, payload);
        appendFrame(out, content);
    }

    Item parse(std::string_view in) const override
    {
        if (in.size() < 4)
            return {};
        size_t length = 0;
        for (size_t i = 0; i < 4; ++i)
            length = length << 8 | uint8_t(in[i]);
        if (in.size() < 4 + length)
            return {};
        std::string_view content = in.substr(4, length);
        if (content.starts_with(kFirstFrame))
            content.remove_prefix(kFirstFrame.size());
        Item item{.bytes = 4 + length};
        Reader reader(content);
        reader.head();
        switch (reader.head()) {
        case Welcome:
            item.isReady = true;
            break;
        case Refused:
            reader.string();
            fail("the server refuses: " + std::string(reader.string()));
        case Delivery: {
            const uint64_t seq = reader.head();
            reader.head();     // the time
            reader.head();     // the sender
            reader.skipByte(); // to everyone
            reader.string();   // the kind
            item.payload = reader.string();
            if (seq % kAckEvery == 0)
                item.answer = numbered(Ack, seq);
            break;
        }
        case Ping:
            item.answer = numbered(Pong, reader.head());
            break;
        default:
            break;
        }
        return item;
    }

    Messages::Form form() const override { return Messages::Form::Line; }

private:
    static std::string numbered(Type type, uint64_t number)
    {
        std::string content;
        appendHead(content, Array, 2);
        appendHead(content, Unsigned, type);
        appendHead(content, Unsigned, number);
        std::string out;
        appendFrame(out, content);
        return out;
    }
};

} // namespace

std::unique_ptr<Wire> chatWire()
{
    return std::make_unique<Chat>();
}

} // namespace wireroom::load
