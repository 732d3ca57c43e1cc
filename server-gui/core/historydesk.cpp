// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historydesk.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// One page of what was missed: fits below the high-water mark, and takes the history about a millisecond.
constexpr quint64 kCatchUpMessages = 256;
constexpr quint64 kCatchUpBytes = 512 * 1024;

/// So many of a client's newest messages are looked at for receipts when it returns.
constexpr quint64 kReceiptMessages = 200;

/// Receipts in one answer; a page of messages to everyone among thousands of clients would have no end.
constexpr size_t kMostReceipts = 20'000;

} // namespace

void HistoryDesk::open(HistoryStore *history)
{
    m_history = history;
}

void HistoryDesk::shut()
{
    m_history = nullptr;
    for (auto &[request, asked] : std::exchange(m_asked, {})) {
        if (asked.answer)
            asked.answer(Error{Error::Code::Unreachable, u"The server was stopped."_s});
    }
}

void HistoryDesk::ask(Session &session, Asked::For purpose, HistoryRequest &&request, quint64 query)
{
    request.request = ++m_lastRequest;
    request.viewer = session.id();
    m_asked.emplace(request.request, Asked{purpose, session.id(), session.member()->serial, query, {}});
    m_history->read(std::move(request));
}

void HistoryDesk::catchUp(Session &session)
{
    ChatMember &member = *session.member();
    if (member.stage != ChatMember::Stage::CatchingUp || session.state() != Session::State::Open)
        return;
    if (!m_history) {
        member.stage = ChatMember::Stage::Live;
        member.sentSeq = std::max(member.sentSeq, m_dispatcher.committedSeq());
        return;
    }
    if (member.isPageDue || Dispatcher::isBehind(session))
        return;
    member.isPageDue = true;
    HistoryRequest request;
    request.deliveriesOnly = true;
    request.joinedSeq = member.account->joinedSeq;
    request.after = member.sentSeq;
    request.limit = kCatchUpMessages;
    request.limitBytes = kCatchUpBytes;
    ask(session, Asked::For::CatchUp, std::move(request));
}

void HistoryDesk::tellReceipts(Session &session)
{
    if (!m_history)
        return;
    HistoryRequest request;
    request.limit = kReceiptMessages;
    ask(session, Asked::For::Receipts, std::move(request));
}

void HistoryDesk::query(Session &session, const chat::HistoryQuery &query)
{
    if (!m_history) {
        sendMessage(session,
                    chat::Notice{chat::notice::NoHistory, u"This server keeps no history of messages."_s});
        sendMessage(session, chat::HistoryPage{{}, false, query.query});
        return;
    }
    HistoryRequest request;
    request.before = query.before;
    request.after = query.after;
    request.with = query.with;
    request.text = query.text;
    request.limit = std::clamp<quint64>(query.limit, 1, chat::kMaxPageMessages);
    if (++session.member()->queries >= kMostQueries)
        session.pause(Session::PauseQuery);
    ask(session, Asked::For::Query, std::move(request), query.query);
}

void HistoryDesk::read(const HistoryRequest &request, Answer answer)
{
    if (!m_history) {
        answer(Error{Error::Code::Unsupported, u"This server keeps no history of messages."_s});
        return;
    }
    HistoryRequest numbered = request;
    numbered.request = ++m_lastRequest;
    numbered.viewer.reset();
    m_asked.emplace(numbered.request, Asked{Asked::For::Operator, kOperator, 0, 0, std::move(answer)});
    m_history->read(std::move(numbered));
}

void HistoryDesk::pageRead(const HistoryPageRead &read)
{
    const auto node = m_asked.extract(read.request);
    if (!node)
        return;
    const Asked &asked = node.mapped();
    if (asked.purpose == Asked::For::Operator) {
        Result<HistoryMessages> page = read.page;
        if (page)
            page.value().reach = reachOf(page.value().messages);
        asked.answer(page);
        return;
    }
    Session *session = m_registry.find(asked.id);
    if (!session || !session->member() || session->member()->serial != asked.serial
        || session->state() != Session::State::Open)
        return;
    if (asked.purpose == Asked::For::Query) {
        sendPage(*session, asked.query, read.page);
    } else if (asked.purpose == Asked::For::Receipts) {
        if (read.page)
            sendReceipts(*session, read.page.value().messages);
    } else if (read.page) {
        session->member()->isPageDue = false;
        sendMissed(*session, read.page.value());
    } else {
        // It connects again, and asks again.
        session->refuse(u"What it missed cannot be read from the history: "_s % read.page.error().text);
    }
}

void HistoryDesk::sendMissed(Session &session, const HistoryMessages &page)
{
    ChatMember &member = *session.member();
    if (!page.messages.empty()) {
        QByteArray frames;
        std::vector<const HistoryMessage *> messages;
        for (const HistoryMessage &m : page.messages) {
            chat::appendDeliveryFrame(frames, {m.seq, m.time, m.from, m.to, m.kind, m.body});
            messages.push_back(&m);
        }
        m_dispatcher.deliver(session, frames, messages);
    }
    if (!page.more) {
        member.sentSeq = std::max(member.sentSeq, page.upToSeq);
        // What was stored since this page was read has passed it by.
        if (page.upToSeq >= m_dispatcher.committedSeq()) {
            member.stage = ChatMember::Stage::Live;
            return;
        }
    }
    catchUp(session);
}

void HistoryDesk::sendPage(Session &session, quint64 query, const Result<HistoryMessages> &page)
{
    if (--session.member()->queries < kMostQueries)
        session.resume(Session::PauseQuery);
    chat::HistoryPage answer;
    answer.query = query;
    if (page) {
        answer.more = page.value().more;
        for (const HistoryMessage &m : page.value().messages)
            answer.deliveries.push_back({m.seq, m.time, m.from, m.to, m.kind, m.body});
        sendReceipts(session, page.value().messages);
    } else {
        sendMessage(session, chat::Notice{chat::notice::BadValue, page.error().text});
    }
    sendMessage(session, answer);
}

std::vector<HistoryMessages::Reach> HistoryDesk::reachOf(const std::vector<HistoryMessage> &messages) const
{
    std::vector<HistoryMessages::Reach> reached;
    for (const HistoryMessage &message : messages) {
        if (!message.from.isOperator())
            continue;
        HistoryMessages::Reach reach;
        reach.seq = message.seq;
        const auto count = [&](const KnownAccount &account) {
            ++reach.recipients;
            if (account.ackedSeq >= message.seq)
                reach.delivered.push_back(account.id);
        };
        if (message.to) {
            for (const ClientId id : *message.to) {
                if (const KnownAccount *account = m_accounts.find(id))
                    count(*account);
            }
        } else {
            for (const auto &[id, account] : m_accounts.all()) {
                if (account.joinedSeq < message.seq)
                    count(account);
            }
        }
        reached.push_back(std::move(reach));
    }
    return reached;
}

void HistoryDesk::sendReceipts(Session &session, const std::vector<HistoryMessage> &messages)
{
    chat::Receipts receipts;
    for (const HistoryMessage &message : messages) {
        if (message.from != session.id() || receipts.list.size() > kMostReceipts)
            continue;
        const auto has = [&](const KnownAccount &account) {
            return account.ackedSeq >= message.seq && account.id != message.from;
        };
        if (!message.to) {
            for (const auto &[id, account] : m_accounts.all()) {
                if (account.joinedSeq < message.seq && has(account))
                    receipts.list.emplace_back(message.seq, id);
            }
            continue;
        }
        for (const ClientId id : *message.to) {
            const KnownAccount *account = m_accounts.find(id);
            if (id.isOperator() || (account && has(*account)))
                receipts.list.emplace_back(message.seq, id);
        }
    }
    if (!receipts.list.empty())
        sendMessage(session, receipts);
}

} // namespace wireroom
