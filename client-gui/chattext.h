// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/chatclient.h"
#include "common/base/jsonline.h"

#include <map>

namespace wireroom {

// How wireroom-cli writes what happens in a chat: for people, and as JSON. Whatever others wrote is made
// harmless for a terminal.

/// Who is known: the roster, kept up to date with what comes.
class ChatPeople
{
public:
    void welcome(const ChatWelcomed &welcomed);
    void update(const chat::Presence &presence);

    ClientId self() const { return m_self; }

    const std::map<ClientId, chat::Presence> &all() const { return m_people; }

    /// "#3 ann", "#3", "the operator".
    QString describe(ClientId id) const;

    /// "all", "you, #4 bob".
    QString describe(const chat::Addressees &to) const;

private:
    ClientId m_self;
    std::map<ClientId, chat::Presence> m_people;
};

/// seq, from, to (null: everyone), text or hex, time.
void addDelivery(JsonLine &line, const chat::Delivery &delivery);

QByteArray toJson(const ChatWelcomed &welcomed);
QByteArray toJson(const ChatPresenceChanged &changed);
QByteArray toJson(const ChatMessageReceived &received);
/// `from` is the client itself, once it knows its ID.
QByteArray toJson(const ChatMessageState &state, const ChatPeople &people);
QByteArray toJson(const ChatNotice &notice);
QByteArray toJson(const chat::HistoryPage &page);

/// "#3 ann → all: text"; further lines of the text are indented, so that none looks like a message.
QString toText(const chat::Delivery &delivery, const ChatPeople &people);

/// The same behind its time, for messages of another day.
QString toTextWithTime(const chat::Delivery &delivery, const ChatPeople &people);

/// "✓✓ “hello” was delivered to 2 of 2".
QString toText(const ChatMessageState &state);

/// "#3 ann, online", "#4 ben, last seen 2026-01-31 09:05".
QString toText(const chat::Presence &presence, const ChatPeople &people);

} // namespace wireroom
