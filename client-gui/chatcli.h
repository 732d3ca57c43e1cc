// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/chatcommand.h"
#include "client-gui/chattext.h"
#include "client-gui/core/chatclient.h"
#include "client-gui/tlstalk.h"
#include "client-gui/transcript.h"
#include "common/base/consoleoutput.h"
#include "common/base/linereader.h"
#include "common/base/terminationsignal.h"

#include <QTimer>

#include <memory>
#include <set>

namespace wireroom {

/// What wireroom-cli is asked to do where it has a name.
struct ChatCliOptions
{
    ClientConfig client; ///< with `chat`
    QStringList sends;   ///< instead of standard input
    chat::Addressees to; ///< of what is sent, and of lines until others are chosen
    /// For messages, after the last one was stored; nothing: for ever.
    std::optional<std::chrono::milliseconds> wait{1'000};
    std::optional<std::chrono::milliseconds> waitDelivered; ///< for everything in `sends`
    QString transcript;                                     ///< a file; empty: none
    bool json = false;
};

/// wireroom-cli with a name: typed lines are posted or are commands, messages and what becomes of one's own
/// are shown. Lives in main().
class ChatCli : public QObject
{
public:
    explicit ChatCli(const ChatCliOptions &options);

    /// Opens the transcript and connects; from then on the program ends by QCoreApplication::exit(). Else the
    /// exit code.
    std::optional<int> start();

private:
    using State = ChatClient::State;

    void onStateChanged(State state);
    void onBatch(const ClientBatch &batch);
    void onDeliveredDeadline();

    void take(const QByteArray &line);

    void run(const ChatNothing &) { }

    void run(const ChatSay &command);
    void run(const ChatChoose &command);
    void run(const ChatWho &command);
    void run(const ChatLookUp &command);
    void run(const ChatRename &command);
    void run(const ChatHelp &command);
    void run(const ChatQuit &command);
    void post(const chat::Addressees &to, const QByteArray &body);

    void keep(const ClientBatch &batch);
    void show(const ChatWelcomed &welcomed);
    void show(const ChatPresenceChanged &changed);
    void show(const ChatMessageReceived &received);
    void show(const ChatMessageState &state);
    void show(const ChatNotice &notice);
    void show(const ClientNote &note);

    void show(const auto &) { } ///< what a plain client gets, and receipts that are counted already

    void show(const chat::HistoryPage &page);

    void say(const QString &text);
    void report(const QString &text);
    void reportTrouble(const QString &text);
    void advance();
    void leave();
    void finish();
    int exitCode();

    const ChatCliOptions m_options;
    chat::Addressees m_to;
    ChatPeople m_people;
    ConsoleOutput m_output;
    TerminationSignal m_termination;
    std::unique_ptr<Transcript> m_transcript;
    ChatClient m_client;
    TlsTalk m_tls;
    std::unique_ptr<LineReader> m_input;
    QTimer m_wait;
    QTimer m_deliveredDeadline;
    quint64 m_unanswered = 0;        ///< posts that are on their way to the outbox
    quint64 m_asked = 0;             ///< renames and lookups that are not answered
    quint64 m_postedRef = 0;         ///< the last one that the outbox took
    quint64 m_toldRef = 0;           ///< the highest one whose state came
    std::set<quint64> m_waiting;     ///< in the outbox
    std::set<quint64> m_undelivered; ///< waitDelivered: of ours, and somebody misses it
    QString m_refusal;               ///< the last one's code
    QString m_lastTrouble;           ///< told since the last connection
    bool m_showsStates = false;
    bool m_inputEnded = false;
    bool m_quits = false;
    bool m_hasBeenOnline = false;
    bool m_leaving = false;
    bool m_isOver = false; ///< the client is offline for good
    bool m_hasFinished = false;
    bool m_refused = false; ///< the server's certificate
    bool m_isLate = false;
    bool m_missedSomebody = false;
    bool m_failed = false; ///< a message cannot be sent as it is
    bool m_lost = false;   ///< a message was not taken
    bool m_transcriptFailed = false;
};

} // namespace wireroom
