// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/chatdoor.h"

#include "common/transport/privatelink.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace wireroom {

ChatDoor::ChatDoor(ClientRegistry &registry, Accounts &accounts, EventFeed &feed, Admit admit, Refuse refuse)
    : m_registry(registry), m_accounts(accounts), m_feed(feed), m_admit(std::move(admit)),
      m_refuse(std::move(refuse)), m_gate([this](ClientId id, const PasswordGate::Answer &result) {
          Session *session = m_registry.find(id);
          const auto hello = m_checking.extract(id);
          if (session && hello && session->state() == Session::State::Open)
              answer(*session, hello.mapped(), result);
      })
{
}

std::optional<Error> ChatDoor::open(const ServerConfig &config)
{
    m_isUnencryptedAllowed = config.passwordUnencrypted;
    m_checking.clear();
    return m_gate.open(config);
}

void ChatDoor::hello(Session &session, chat::Hello &&hello)
{
    const QString password = std::exchange(hello.password, {}).value_or(QString());
    const KnownAccount *account = hello.token.isEmpty() ? nullptr : m_accounts.findByToken(hello.token);
    if (!hello.token.isEmpty() && !account) {
        m_refuse(session, chat::refusal::UnknownToken,
                 u"This server does not know that token: its history was made anew, or it is another server. "
                 "Join as somebody new, without a token."_s);
        return;
    }
    if (!m_gate.isNeeded() || (account && account->passwordEpoch == m_gate.epoch())) {
        m_admit(session, hello);
        return;
    }
    const QString &address = session.info().address;
    if (!m_isUnencryptedAllowed && !isPrivateLink(address, session.isEncrypted())) {
        m_refuse(session, chat::refusal::NeedsTls,
                 u"This server takes its password over encrypted connections only. Connect with TLS."_s);
        return;
    }
    if (password.isEmpty()) {
        m_refuse(session, chat::refusal::Password, u"This server asks for a password."_s);
        return;
    }
    const PasswordGate::Answer result = m_gate.check(session.id(), address, hello.name, password);
    if (result.verdict == PasswordGate::Verdict::Pending) {
        session.member()->stage = ChatMember::Stage::Checking;
        m_checking.insert_or_assign(session.id(), std::move(hello));
    } else {
        answer(session, hello, result);
    }
}

void ChatDoor::left(const Session &session)
{
    if (m_checking.erase(session.id()) > 0)
        m_gate.forget(session.id());
}

void ChatDoor::answer(Session &session, const chat::Hello &hello, const PasswordGate::Answer &answer)
{
    switch (answer.verdict) {
    case PasswordGate::Verdict::Right:
        m_admit(session, hello);
        break;
    case PasswordGate::Verdict::TooMany:
        m_refuse(session, chat::refusal::TooMany,
                 u"Too many passwords were tried. Try again in %1 s."_s.arg(
                     std::chrono::ceil<std::chrono::seconds>(answer.wait).count()));
        break;
    case PasswordGate::Verdict::Wrong:
    case PasswordGate::Verdict::Pending:
        ++m_failures;
        m_feed.add(LoginFailed{QDateTime::currentDateTimeUtc(), session.id(), session.info().address,
                               session.info().port, hello.name, answer.failures});
        m_refuse(session, chat::refusal::Password, u"The password is wrong."_s);
        break;
    }
}

} // namespace wireroom
