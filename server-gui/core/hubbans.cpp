// SPDX-License-Identifier: Apache-2.0
//
// The hub's answers to what is asked about bans.

#include "server-gui/core/hub.h"

using namespace Qt::StringLiterals;

namespace wireroom {

std::optional<Error> Hub::whyNotBanned(const BanTarget &who) const
{
    if (m_state != State::Listening)
        return Error{Error::Code::Unreachable, u"The server does not run: start it first."_s};
    if (!who.id() || m_accounts.all().contains(*who.id()))
        return {};
    const Session *session = m_registry.find(*who.id());
    if (!session)
        return Error{Error::Code::NotFound, u"No chat client has the ID %1."_s.arg(who.toString())};
    return Error{
        Error::Code::BadInput,
        u"Client %1 is a plain client, whose ID ends with its connection. Ban its address, %2."_s.arg(
            who.toString(), session->info().address)};
}

Result<BanReport> Hub::ban(const BanSomebody &command)
{
    if (const std::optional<Error> error = whyNotBanned(command.who))
        return *error;
    const QDateTime since = QDateTime::fromSecsSinceEpoch(QDateTime::currentSecsSinceEpoch(), Qt::UTC);
    BanReport report{{command.who, command.reason, since, {}}, {}};
    if (command.time.count() > 0)
        report.ban.until = since.addSecs(command.time.count());
    if (const std::optional<Error> error = m_bans.add(report.ban))
        return *error;
    m_feed.add(BanChanged{report.ban, false, QDateTime::currentDateTimeUtc()});
    std::vector<Session *> meant;
    for (const auto &[id, session] : m_registry.sessions()) {
        if (session->state() != Session::State::Closing
            && (command.who.id() == id || command.who.covers(session->address())))
            meant.push_back(session.get());
    }
    for (Session *session : meant) {
        report.closed.push_back(session->id());
        if (session->isChat())
            m_room.kick(*session, chat::refusal::Banned, report.ban.sentence());
        session->close(report.ban.sentence());
    }
    return report;
}

void Hub::handle(const BanSomebody &command)
{
    m_replies.post(BanAnswer{command.request, ban(command)});
}

void Hub::handle(const LiftBan &command)
{
    if (m_state != State::Listening) {
        m_replies.post(LiftAnswer{command.request, *whyNotBanned(command.who)});
        return;
    }
    const Result<Ban> lifted = m_bans.lift(command.who);
    if (lifted)
        m_feed.add(BanChanged{lifted.value(), true, QDateTime::currentDateTimeUtc()});
    m_replies.post(LiftAnswer{command.request, lifted});
}

void Hub::handle(const ListBans &command)
{
    m_replies.post(BansAnswer{command.request, m_bans.list()});
}

} // namespace wireroom
