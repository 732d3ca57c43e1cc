// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/clientconfig.h"
#include "client-gui/core/outbox.h"

#include <functional>
#include <memory>
#include <variant>

namespace wireroom {

// What ChatState answers; in the order in which it was asked.

struct ChatStateOpened
{
    QByteArray token; ///< empty: none yet
    QString name;     ///< what the client is called now; empty: as the configuration says
    quint64 lastSeq = 0;
    quint64 lastRef = 0;
    /// False where the outbox was lost while the token was not: which refs were used only the server knows.
    bool isLastRefKnown = true;
};

struct ChatStateNotOpened
{
    Error error;
};

/// Everything added up to here is durable, or (with an error) is not there.
struct OutboxAdded
{
    quint64 upToRef = 0;
    std::optional<Error> error;
};

struct OutboxRead
{
    Result<OutboxPage> page;
};

struct ProgressSaved
{
    quint64 seq = 0;
};

struct TokenSaved
{
    std::optional<Error> error;
};

/// The disk cannot be written. Once, until ChatStateRecovered; what was not an addition is tried again every
/// second.
struct ChatStateFailing
{
    QString text;
};

struct ChatStateRecovered
{
};

using ChatStateReply = std::variant<ChatStateOpened, ChatStateNotOpened, OutboxAdded, OutboxRead,
                                    ProgressSaved, TokenSaved, ChatStateFailing, ChatStateRecovered>;

/// What a chat client keeps between its runs, in a folder of its own below the state directory, one for each
/// server and name: `token`, `outbox` (see Outbox) and `lock`, readable by nobody else. One process at a
/// time.
///
/// The folder is named after the name in the configuration; a name taken later is kept inside it, so that
/// who starts with the old name again is the same client. Owner: the chat session. Owns a thread, which alone
/// touches the disk; all that is asked within one turn of it is one transaction. Thread: the owner's;
/// `handler` is called there, never from inside a call. The destructor does what was asked and joins.
class ChatState
{
public:
    using Handler = std::function<void(ChatStateReply &&)>;

    /// Begins to open. `config.chat` is set.
    ChatState(const ClientConfig &config, Handler handler);
    ~ChatState();

    void add(OutboxMessage message);                               ///< OutboxAdded answers
    void fail(quint64 ref, const QString &why);                    ///< keeps it, but not for sending
    void forget(quint64 ref);                                      ///< it is stored, or its failure was told
    void read(quint64 afterRef, size_t limit, quint64 limitBytes); ///< OutboxRead answers
    void saveProgress(quint64 seq);          ///< ProgressSaved answers once it is durable
    void saveToken(const QByteArray &token); ///< TokenSaved answers
    void saveName(const QString &name);
    void saveLastRef(quint64 ref);

    /// Where the folder of this configuration is; empty where nothing is kept.
    static QString folder(const ClientConfig &config);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace wireroom
