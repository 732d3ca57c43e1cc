// SPDX-License-Identifier: Apache-2.0
#include "client-gui/chatcli.h"

#include "common/base/exitcodes.h"
#include "common/base/payloadtext.h"

#include <QCoreApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Posts that may wait for the outbox before no more lines are read.
constexpr quint64 kMostUnanswered = 1'000;

QString messages(quint64 count)
{
    return count == 1 ? u"1 message is"_s : u"%1 messages are"_s.arg(count);
}

} // namespace

ChatCli::ChatCli(const ChatCliOptions &options)
    : m_options(options), m_to(options.to), m_tls(m_client, m_output, options.json)
{
    connect(&m_tls, &TlsTalk::refused, this, [this](const QString &why) {
        m_refused = true;
        report(why);
        leave();
    });
    m_wait.setSingleShot(true);
    connect(&m_wait, &QTimer::timeout, this, &ChatCli::leave);
    m_deliveredDeadline.setSingleShot(true);
    connect(&m_deliveredDeadline, &QTimer::timeout, this, &ChatCli::onDeliveredDeadline);
    connect(&m_client, &ChatClient::stateChanged, this, &ChatCli::onStateChanged);
    connect(&m_client, &ChatClient::batchReady, this, &ChatCli::onBatch);
    connect(&m_termination, &TerminationSignal::requested, this, &ChatCli::leave);
    // To whoever types or sends a few; not to a script's thousand lines.
    m_showsStates = !options.sends.isEmpty() || LineReader::isTyped();
}

std::optional<int> ChatCli::start()
{
    ClientConfig config = m_options.client;
    if (!m_options.transcript.isEmpty()) {
        Result<std::unique_ptr<Transcript>> transcript = Transcript::open(m_options.transcript);
        if (!transcript) {
            report(transcript.error().text);
            return ExitConfiguration;
        }
        m_transcript = std::move(transcript).value();
        config.chat->lastSeq = m_transcript->lastSeq();
    }
    if (!m_options.sends.isEmpty())
        m_tls.setReadsInput();
    m_client.connectToServer(config);
    if (m_options.waitDelivered)
        m_deliveredDeadline.start(*m_options.waitDelivered);
    if (m_options.sends.isEmpty()) {
        m_input = std::make_unique<LineReader>();
        connect(m_input.get(), &LineReader::lineRead, this, &ChatCli::take);
        connect(m_input.get(), &LineReader::ended, this, [this] {
            m_inputEnded = true;
            m_tls.inputEnded();
            advance();
        });
        return std::nullopt;
    }
    for (const QString &text : m_options.sends)
        post(m_to, text.toUtf8());
    m_inputEnded = true;
    return std::nullopt;
}

void ChatCli::onStateChanged(State state)
{
    if (state == State::Online) {
        m_hasBeenOnline = true;
        m_lastTrouble.clear();
    }
    m_isOver = state == State::Offline;
    advance();
}

void ChatCli::onBatch(const ClientBatch &batch)
{
    keep(batch);
    for (const ClientEvent &event : batch.events)
        std::visit([this](const auto &e) { show(e); }, event);
    m_output.flush();
    advance();
}

/// The transcript first: what was shown and not kept would be shown again.
void ChatCli::keep(const ClientBatch &batch)
{
    if (!m_transcript)
        return;
    std::vector<const chat::Delivery *> deliveries;
    for (const ClientEvent &event : batch.events) {
        if (const auto *received = std::get_if<ChatMessageReceived>(&event))
            deliveries.push_back(&received->delivery);
    }
    if (const std::optional<Error> error = m_transcript->append(deliveries)) {
        m_transcriptFailed = true;
        report(error->text);
        leave();
    }
}

void ChatCli::take(const QByteArray &line)
{
    if (m_quits || m_tls.take(line))
        return;
    const Result<ChatCommand> command = parseChatCommand(line);
    if (command)
        std::visit([this](const auto &c) { run(c); }, command.value());
    else
        report(command.error().text);
    m_output.flush();
}

void ChatCli::run(const ChatSay &command)
{
    post(command.hasTo ? command.to : m_to, command.body);
}

void ChatCli::post(const chat::Addressees &to, const QByteArray &body)
{
    const chat::BodyKind kind = isShownAsText(body) ? chat::BodyKind::Text : chat::BodyKind::Bytes;
    if (++m_unanswered == kMostUnanswered && m_input)
        m_input->setPaused(true);
    m_client.post(to, kind, body, [this](const Result<quint64> &ref) {
        if (--m_unanswered == kMostUnanswered / 2 && m_input)
            m_input->setPaused(false);
        if (ref) {
            m_postedRef = ref.value();
            m_waiting.insert(ref.value());
            if (m_options.waitDelivered)
                m_undelivered.insert(ref.value());
        } else {
            const Error::Code code = ref.error().code;
            if (code == Error::Code::BadInput || code == Error::Code::TooLarge)
                m_failed = true;
            else
                m_lost = true;
            reportTrouble(ref.error().text);
        }
        advance();
    });
}

void ChatCli::run(const ChatChoose &command)
{
    m_to = command.to;
    say(u"Lines go to %1 from now on."_s.arg(m_people.describe(m_to)));
}

void ChatCli::run(const ChatWho &)
{
    for (const auto &[id, presence] : m_people.all()) {
        if (m_options.json)
            m_output.line(toJson(ChatPresenceChanged{presence}));
        else
            m_output.line(toText(presence, m_people));
    }
}

void ChatCli::run(const ChatLookUp &command)
{
    chat::HistoryQuery query;
    query.limit = command.limit;
    query.text = command.text;
    ++m_asked;
    m_client.queryHistory(query, [this](const Result<chat::HistoryPage> &page) {
        --m_asked;
        if (page)
            show(page.value());
        else
            report(page.error().text);
        m_output.flush();
        advance();
    });
}

void ChatCli::run(const ChatRename &command)
{
    ++m_asked;
    m_client.rename(command.name, [this](const Result<QString> &name) {
        --m_asked;
        if (name)
            say(u"You are %1 now."_s.arg(name.value()));
        else
            report(name.error().text);
        advance();
    });
}

void ChatCli::run(const ChatHelp &)
{
    printError(chatCommandHelp());
}

void ChatCli::run(const ChatQuit &)
{
    m_quits = true;
    m_inputEnded = true;
    advance();
}

void ChatCli::show(const ChatWelcomed &welcomed)
{
    m_people.welcome(welcomed);
    if (m_options.json) {
        m_output.line(toJson(welcomed));
        return;
    }
    QStringList others;
    for (const chat::Presence &presence : welcomed.roster) {
        if (presence.id != welcomed.id && presence.state != chat::PresenceState::Offline)
            others << m_people.describe(presence.id);
    }
    say(u"You are %1. Here: %2."_s.arg(m_people.describe(welcomed.id),
                                       others.isEmpty() ? u"nobody else"_s : others.join(u", "_s)));
}

void ChatCli::show(const ChatPresenceChanged &changed)
{
    const auto before = m_people.all().find(changed.presence.id);
    const bool isNews = before == m_people.all().end() || before->second.state != changed.presence.state
        || before->second.name != changed.presence.name;
    m_people.update(changed.presence);
    if (m_options.json)
        m_output.line(toJson(changed));
    else if (isNews && changed.presence.id != m_people.self())
        say(toText(changed.presence, m_people));
}

void ChatCli::show(const ChatMessageReceived &received)
{
    if (m_options.json)
        m_output.line(toJson(received));
    else
        m_output.line(toText(received.delivery, m_people));
}

void ChatCli::show(const ChatMessageState &state)
{
    using Fate = ChatMessageState::State;
    m_toldRef = std::max(m_toldRef, state.ref);
    if (state.state == Fate::Waiting)
        m_waiting.insert(state.ref);
    else
        m_waiting.erase(state.ref);
    if (state.state == Fate::Failed || (state.state == Fate::Delivered && state.unknown.empty()))
        m_undelivered.erase(state.ref);
    m_missedSomebody = m_missedSomebody || !state.unknown.empty();
    m_failed = m_failed || (state.state == Fate::Failed && state.unknown.empty());

    if (m_options.json) {
        m_output.line(toJson(state, m_people));
        return;
    }
    // How many have it is told once: when all do.
    const bool isNews = state.state != Fate::Stored || state.delivered == 0;
    const bool isBad = state.state == Fate::Failed || !state.unknown.empty();
    if (isNews && state.state != Fate::Waiting && (isBad || m_showsStates))
        printError(toText(state));
}

void ChatCli::show(const ChatNotice &notice)
{
    m_refusal = notice.code;
    if (m_options.json)
        m_output.line(toJson(notice));
    else
        say(notice.text);
}

void ChatCli::show(const ClientNote &note)
{
    if (note.isError)
        reportTrouble(note.text);
    else
        say(note.text);
}

void ChatCli::show(const chat::HistoryPage &page)
{
    if (m_options.json) {
        m_output.line(toJson(page));
        return;
    }
    for (const chat::Delivery &delivery : page.deliveries)
        m_output.line(toTextWithTime(delivery, m_people));
    if (page.deliveries.empty())
        say(u"Nothing was found."_s);
}

/// For people only. Others' names and words may be in it.
void ChatCli::say(const QString &text)
{
    if (!m_options.json)
        printError(payloadText(text.toUtf8()));
}

void ChatCli::report(const QString &text)
{
    if (m_options.json) {
        m_output.line(JsonLine("error"_L1).add("reason"_L1, text).toJson());
        m_output.flush();
    } else {
        printError(payloadText(text.toUtf8()));
    }
}

/// What fails again for the same reason, as each attempt to connect or each message may, is told once.
void ChatCli::reportTrouble(const QString &text)
{
    if (std::exchange(m_lastTrouble, text) != text)
        report(text);
}

/// Is everything done that was to be done before the end?
void ChatCli::advance()
{
    // Even without a server, what was taken from the user goes to the outbox, and that is told.
    if (m_unanswered > 0 || m_postedRef > m_toldRef)
        return;
    if (m_isOver) {
        finish();
        return;
    }
    if (m_leaving || !m_inputEnded)
        return;
    if (m_options.waitDelivered) {
        const bool isHopeless = m_failed || m_missedSomebody;
        if (m_undelivered.empty() || (isHopeless && m_waiting.empty()))
            leave();
        return;
    }
    // What is in the outbox is safe there; who quits does not wait for a server that is not there.
    const bool isOnline = m_client.state() == State::Online;
    if (m_quits && (!isOnline || (m_waiting.empty() && m_asked == 0)))
        leave();
    else if (m_options.wait && isOnline && m_waiting.empty() && m_asked == 0 && !m_wait.isActive())
        m_wait.start(*m_options.wait);
}

void ChatCli::onDeliveredDeadline()
{
    m_isLate = true;
    leave();
}

void ChatCli::leave()
{
    if (!std::exchange(m_leaving, true))
        m_client.disconnectFromServer();
}

void ChatCli::finish()
{
    if (std::exchange(m_hasFinished, true))
        return;
    if (m_options.json && m_hasBeenOnline)
        m_output.line(JsonLine("disconnected"_L1).add("reason"_L1, m_client.stateReason()).toJson());
    else if (m_options.json && !m_client.stateReason().isEmpty())
        reportTrouble(m_client.stateReason());
    const int code = exitCode();
    m_output.flush();
    QCoreApplication::exit(code);
}

/// Says what is left undone, too.
int ChatCli::exitCode()
{
    if (m_refusal == chat::refusal::UnknownToken)
        report(u"Start again with --new-identity to join as somebody new."_s);
    const bool isLockedOut = m_refusal == chat::refusal::Password || m_refusal == chat::refusal::NeedsTls;
    if (m_refusal == chat::refusal::Password && !m_options.client.chat->password)
        report(u"Start again with --password-file and the file that the password is in."_s);
    const bool isKept = !m_options.client.chat->stateDir.isEmpty();
    if (!m_waiting.empty()) {
        report((isKept ? u"%1 in the outbox, to be sent when “%2” connects again."_s : u"%1 not sent."_s)
                   .arg(messages(m_waiting.size()), m_options.client.chat->name));
    }
    const quint64 stored = m_undelivered.size()
        - quint64(std::count_if(m_undelivered.begin(), m_undelivered.end(),
                                [this](quint64 ref) { return m_waiting.contains(ref); }));
    if (stored > 0 && !m_missedSomebody) {
        report(u"%1 stored at the server, to be delivered when everybody is there."_s.arg(messages(stored)));
    }
    if (m_transcriptFailed)
        return ExitConfiguration;
    if (m_missedSomebody)
        return ExitNoUser;
    if (m_failed)
        return ExitDataError;
    if (m_isLate)
        return ExitTemporary;
    if (isLockedOut)
        return ExitNoPermission;
    if (!m_hasBeenOnline || m_refused)
        return ExitUnavailable;
    if (m_lost || !m_waiting.empty() || !m_undelivered.empty())
        return ExitTemporary;
    return m_leaving ? ExitOk : ExitUnavailable;
}

} // namespace wireroom
