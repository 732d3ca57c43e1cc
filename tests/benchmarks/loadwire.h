// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/benchmarks/loadmessage.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wireroom::load {

/// How a server wants messages wrapped, and wraps them itself. One for all connections.
class Wire
{
public:
    virtual ~Wire() = default;

    /// What a connection says first; `number` tells it from others.
    virtual std::string greeting(uint32_t number, bool listens) const = 0;

    /// `count`: how many messages its sender sent before.
    virtual void append(std::string &out, std::string_view payload, uint32_t count) const = 0;

    struct Item
    {
        size_t bytes = 0; ///< taken from what came; 0: not all of it is there
        std::optional<std::string_view> payload = {};
        std::string answer = {}; ///< to be sent back
        bool isReady = false;    ///< the server has taken the greeting
    };

    virtual Item parse(std::string_view in) const = 0;

    /// Whether an Item with isReady follows the greeting.
    virtual bool answersGreeting() const { return true; }

    virtual Messages::Form form() const { return Messages::Form::Bytes; }

    /// frames (u32le), chat, redis, nats, mqtt, irc; null for another one.
    static std::unique_ptr<Wire> named(std::string_view name);
};

} // namespace wireroom::load
