// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/protocol/message.h"

#include <algorithm>
#include <compare>
#include <vector>

namespace wireroom {

/// Who talks with us in one thread of messages: everyone, a person (the operator is one), or a group. A
/// value.
struct Conversation
{
    std::vector<ClientId> with; ///< the others, ascending; empty: everyone. With ourselves alone: our own ID

    /// Where a message belongs that `me` sent or got.
    static Conversation of(ClientId me, ClientId from, const chat::Addressees &to)
    {
        if (!to)
            return {};
        Conversation conversation{*to};
        std::vector<ClientId> &with = conversation.with;
        with.push_back(from);
        std::sort(with.begin(), with.end());
        with.erase(std::unique(with.begin(), with.end()), with.end());
        std::erase(with, me);
        if (with.empty())
            with.push_back(me);
        return conversation;
    }

    bool isEveryone() const { return with.empty(); }

    bool isPerson() const { return with.size() == 1; }

    chat::Addressees addressees() const { return isEveryone() ? chat::Addressees() : chat::Addressees(with); }

    friend auto operator<=>(const Conversation &, const Conversation &) = default;
};

} // namespace wireroom
