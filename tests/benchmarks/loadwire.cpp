// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/loadwire.h"

#include "tests/benchmarks/loadchatwire.h"
#include "tests/benchmarks/loadsocket.h"

#include <charconv>
#include <cstring>

namespace wireroom::load {

namespace {

constexpr std::string_view kRoom = "room";
constexpr std::string_view kEnd = "\r\n";

size_t number(std::string_view text)
{
    size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// The line at the beginning, without its end; nothing where that is not there yet.
std::optional<std::string_view> firstLine(std::string_view in)
{
    const auto *end = static_cast<const char *>(std::memchr(in.data(), '\n', in.size()));
    if (!end)
        return std::nullopt;
    size_t length = size_t(end - in.data());
    if (length > 0 && in[length - 1] == '\r')
        --length;
    return in.substr(0, length);
}

class Frames : public Wire
{
public:
    std::string greeting(uint32_t, bool) const override { return {}; }

    bool answersGreeting() const override { return false; }

    void append(std::string &out, std::string_view payload, uint32_t) const override
    {
        const auto length = uint32_t(payload.size());
        out.append({char(length), char(length >> 8), char(length >> 16), char(length >> 24)});
        out.append(payload);
    }

    Item parse(std::string_view in) const override
    {
        if (in.size() < 4)
            return {};
        const auto *bytes = reinterpret_cast<const uint8_t *>(in.data());
        const size_t length
            = size_t(bytes[0]) | size_t(bytes[1]) << 8 | size_t(bytes[2]) << 16 | size_t(bytes[3]) << 24;
        if (in.size() < 4 + length)
            return {};
        return {.bytes = 4 + length, .payload = in.substr(4, length)};
    }
};

class Redis : public Wire
{
public:
    std::string greeting(uint32_t, bool listens) const override
    {
        return listens ? "*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nroom\r\n" : "*1\r\n$4\r\nPING\r\n";
    }

    void append(std::string &out, std::string_view payload, uint32_t) const override
    {
        out.append("*3\r\n$7\r\nPUBLISH\r\n$4\r\nroom\r\n$");
        out.append(std::to_string(payload.size())).append(kEnd).append(payload).append(kEnd);
    }

    Item parse(std::string_view in) const override
    {
        const auto line = firstLine(in);
        if (!line)
            return {};
        if (line->front() == ':') // how many got what we published
            return {.bytes = line->size() + 2};
        if (line->front() == '+')
            return {.bytes = line->size() + 2, .payload = {}, .isReady = true};
        if (line->front() != '*')
            fail("redis answers " + std::string(*line));
        // Three elements: the kind, the channel, and a text or (for a subscription) a number.
        size_t at = line->size() + 2;
        std::string_view kind;
        for (int element = 0; element < 3; ++element) {
            const auto head = firstLine(in.substr(at));
            if (!head)
                return {};
            at += head->size() + 2;
            if (head->front() == ':')
                return {.bytes = at, .payload = {}, .isReady = true};
            const size_t length = number(head->substr(1));
            if (in.size() < at + length + 2)
                return {};
            const std::string_view text = in.substr(at, length);
            at += length + 2;
            if (element == 0)
                kind = text;
            else if (element == 2 && kind == "message")
                return {.bytes = at, .payload = text};
        }
        return {.bytes = at};
    }
};

class Nats : public Wire
{
public:
    std::string greeting(uint32_t, bool listens) const override
    {
        std::string text = "CONNECT {\"verbose\":false}\r\n";
        if (listens)
            text += "SUB room 1\r\n";
        return text + "PING\r\n";
    }

    void append(std::string &out, std::string_view payload, uint32_t) const override
    {
        out.append("PUB room ")
            .append(std::to_string(payload.size()))
            .append(kEnd)
            .append(payload)
            .append(kEnd);
    }

    Item parse(std::string_view in) const override
    {
        const auto line = firstLine(in);
        if (!line)
            return {};
        const size_t head = line->size() + 2;
        if (line->starts_with("MSG ")) {
            const size_t length = number(line->substr(line->rfind(' ') + 1));
            if (in.size() < head + length + 2)
                return {};
            return {.bytes = head + length + 2, .payload = in.substr(head, length)};
        }
        if (line->starts_with("-ERR"))
            fail("nats answers " + std::string(*line));
        if (*line == "PING")
            return {.bytes = head, .payload = {}, .answer = "PONG\r\n"};
        return {.bytes = head, .payload = {}, .isReady = *line == "PONG"};
    }
};

class Mqtt : public Wire
{
public:
    std::string greeting(uint32_t number, bool listens) const override
    {
        const std::string id = "bench" + std::to_string(number);
        std::string variable("\0\4MQTT\4\2\0\0", 10);
        variable += text(id);
        std::string out = packet(char(0x10), variable);
        if (listens)
            out += packet(char(0x82), std::string("\0\1", 2) + text(kRoom) + std::string(1, '\0'));
        else
            out += packet(char(0xc0), {}); // a ping, whose answer ends the greeting
        return out;
    }

    void append(std::string &out, std::string_view payload, uint32_t) const override
    {
        out.push_back(0x30);
        appendLength(out, 2 + kRoom.size() + payload.size());
        out.append(text(kRoom)).append(payload);
    }

    Item parse(std::string_view in) const override
    {
        size_t length = 0;
        size_t at = 1;
        for (unsigned shift = 0;; shift += 7) {
            if (at >= in.size())
                return {};
            const auto byte = uint8_t(in[at++]);
            length |= size_t(byte & 0x7f) << shift;
            if (byte < 0x80)
                break;
        }
        if (in.size() < at + length)
            return {};
        const auto kind = uint8_t(in[0]) >> 4;
        if (kind == 3) {
            const size_t topic = size_t(uint8_t(in[at])) << 8 | uint8_t(in[at + 1]);
            return {.bytes = at + length, .payload = in.substr(at + 2 + topic, length - 2 - topic)};
        }
        // The answer to SUBSCRIBE or to the ping.
        return {.bytes = at + length, .payload = {}, .isReady = kind == 9 || kind == 13};
    }

private:
    static std::string text(std::string_view words)
    {
        return std::string{char(words.size() >> 8), char(words.size())} + std::string(words);
    }

    static void appendLength(std::string &out, size_t length)
    {
        for (; length >= 0x80; length >>= 7)
            out.push_back(char(0x80 | (length & 0x7f)));
        out.push_back(char(length));
    }

    static std::string packet(char kind, const std::string &content)
    {
        std::string out(1, kind);
        appendLength(out, content.size());
        return out + content;
    }
};

class Irc : public Wire
{
public:
    std::string greeting(uint32_t number, bool) const override
    {
        const std::string nick = std::string("b").append(std::to_string(number));
        return "NICK " + nick + "\r\nUSER " + nick + " 0 * :" + nick + "\r\nJOIN #room\r\n";
    }

    void append(std::string &out, std::string_view payload, uint32_t) const override
    {
        out.append("PRIVMSG #room :").append(payload).append(kEnd);
    }

    Item parse(std::string_view in) const override
    {
        const auto line = firstLine(in);
        if (!line)
            return {};
        const size_t bytes = size_t(line->data() + line->size() - in.data())
            + (line->size() < in.size() && in[line->size()] == '\r' ? 2 : 1);
        if (line->starts_with("PING"))
            return {.bytes = bytes, .payload = {}, .answer = "PONG" + std::string(line->substr(4)) + "\r\n"};
        if (line->starts_with("ERROR"))
            fail("the IRC server answers " + std::string(*line));
        const size_t said = line->find(" PRIVMSG #room :");
        if (said != std::string_view::npos)
            return {.bytes = bytes, .payload = line->substr(said + 16)};
        // 366: the end of the list of names, which follows JOIN.
        return {.bytes = bytes, .payload = {}, .isReady = line->find(" 366 ") != std::string_view::npos};
    }

    Messages::Form form() const override { return Messages::Form::Line; }
};

} // namespace

std::unique_ptr<Wire> Wire::named(std::string_view name)
{
    if (name == "frames")
        return std::make_unique<Frames>();
    if (name == "redis")
        return std::make_unique<Redis>();
    if (name == "nats")
        return std::make_unique<Nats>();
    if (name == "mqtt")
        return std::make_unique<Mqtt>();
    if (name == "irc")
        return std::make_unique<Irc>();
    if (name == "chat")
        return chatWire();
    return nullptr;
}

} // namespace wireroom::load
