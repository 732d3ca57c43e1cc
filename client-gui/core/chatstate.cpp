// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatstate.h"

#include "client-gui/core/privatefolder.h"
#include "common/base/hostport.h"
#include "common/base/inbox.h"
#include "common/transport/networkthread.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QLockFile>
#include <QSaveFile>
#include <QTimer>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// How soon to try again to write what a full disk did not take.
constexpr std::chrono::milliseconds kRetry{1'000};

/// File systems take names of 255 bytes.
constexpr qsizetype kLongestFileName = 120;

const auto kNotSentAsOther
    = u"It was written as somebody whom this server does not know any more, and perhaps sent already."_s;

struct AddToOutbox
{
    OutboxMessage message;
};

struct FailInOutbox
{
    quint64 ref;
    QString why;
};

struct ForgetInOutbox
{
    quint64 ref;
};

struct ReadOutbox
{
    quint64 afterRef;
    size_t limit;
    quint64 limitBytes;
};

struct SaveProgress
{
    quint64 seq;
};

struct SaveToken
{
    QByteArray token;
};

struct SaveName
{
    QString name;
};

struct SaveLastRef
{
    quint64 ref;
};

struct OpenChatState
{
};

struct QuitChatState
{
};

using Command = std::variant<OpenChatState, AddToOutbox, FailInOutbox, ForgetInOutbox, ReadOutbox,
                             SaveProgress, SaveToken, SaveName, SaveLastRef, QuitChatState>;

/// A text as one file's name, whatever is in it.
QString fileName(const QString &text)
{
    QString name = QString::fromLatin1(QUrl::toPercentEncoding(text));
    name.replace(u'.', u"%2E"_s);
    if (name.size() <= kLongestFileName)
        return name;
    const QByteArray hash = QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha256).toHex();
    return name.first(kLongestFileName - 33) % u'-' % QString::fromLatin1(hash.first(32));
}

/// Lives in the state's thread.
class Worker : public QObject
{
public:
    Worker(const ClientConfig &config, Inbox<ChatStateReply> &replies)
        : m_config(config), m_replies(replies), m_commands([this](std::vector<Command> &&commands) {
              for (Command &command : commands)
                  std::visit([this](auto &c) { handle(c); }, command);
              finishTurn();
          })
    {
        m_retry.setSingleShot(true);
        connect(&m_retry, &QTimer::timeout, this, &Worker::finishTurn);
    }

    Inbox<Command> &commands() { return m_commands; }

private:
    void handle(const OpenChatState &)
    {
        if (std::optional<Error> error = open()) {
            m_outbox.reset();
            m_lock.reset();
            m_replies.post(ChatStateNotOpened{*error});
            return;
        }
        const Outbox::Kept &kept = m_outbox->kept();
        m_replies.post(ChatStateOpened{.token = m_token,
                                       .name = kept.name,
                                       .lastSeq = m_token.isEmpty() ? 0 : kept.lastSeq,
                                       .lastRef = kept.lastRef,
                                       .isLastRefKnown = m_token.isEmpty() || !kept.isNew});
    }

    void handle(AddToOutbox &command) { m_changes.add.push_back(std::move(command.message)); }

    void handle(const FailInOutbox &command) { m_changes.fail.emplace_back(command.ref, command.why); }

    void handle(const ForgetInOutbox &command) { m_changes.forget.push_back(command.ref); }

    void handle(const ReadOutbox &command) { m_reads.push_back(command); }

    void handle(const SaveProgress &command) { m_changes.lastSeq = command.seq; }

    void handle(const SaveName &command) { m_changes.name = command.name; }

    void handle(const SaveLastRef &command) { m_changes.lastRef = command.ref; }

    void handle(const SaveToken &command)
    {
        if (m_folder.isEmpty()) {
            m_replies.post(TokenSaved{});
            return;
        }
        QSaveFile file(tokenPath());
        const bool saved = file.open(QIODevice::WriteOnly) && file.setPermissions(kPrivateFile)
            && file.write(command.token.toHex() + '\n') > 0 && file.commit();
        if (!saved) {
            m_replies.post(TokenSaved{Error{
                Error::Code::NotPermitted,
                u"Cannot write %1: %2."_s.arg(QDir::toNativeSeparators(tokenPath()), file.errorString())}});
            return;
        }
        m_token = command.token;
        m_changes.joined = true;
        m_replies.post(TokenSaved{});
    }

    void handle(const QuitChatState &) { m_quit = true; }

    /// Writes what the turn gathered, then answers.
    void finishTurn()
    {
        if (m_outbox) {
            write();
            for (const ReadOutbox &read : std::exchange(m_reads, {}))
                m_replies.post(OutboxRead{m_outbox->read(read.afterRef, read.limit, read.limitBytes)});
        }
        if (m_quit)
            QThread::currentThread()->quit();
    }

    void write()
    {
        const quint64 upToRef = m_changes.add.empty() ? 0 : m_changes.add.back().ref;
        const std::optional<Error> error = m_outbox->write(m_changes);
        if (upToRef > 0)
            m_replies.post(OutboxAdded{upToRef, error});
        m_changes.add.clear();
        if (error) {
            if (!std::exchange(m_failing, true))
                m_replies.post(ChatStateFailing{error->text});
            if (!m_changes.isEmpty())
                m_retry.start(kRetry);
            return;
        }
        if (m_changes.lastSeq)
            m_replies.post(ProgressSaved{*m_changes.lastSeq});
        if (!m_changes.isEmpty() || upToRef > 0) {
            m_changes = {};
            if (std::exchange(m_failing, false))
                m_replies.post(ChatStateRecovered{});
        }
    }

    QString tokenPath() const { return QDir(m_folder).filePath(u"token"_s); }

    std::optional<Error> open()
    {
        m_folder = ChatState::folder(m_config);
        if (!m_folder.isEmpty()) {
            if (std::optional<Error> error = lockFolder())
                return error;
            if (std::optional<Error> error = readToken())
                return error;
        }
        Result<std::unique_ptr<Outbox>> outbox
            = Outbox::open(m_folder.isEmpty() ? QString() : QDir(m_folder).filePath(u"outbox"_s));
        if (!outbox)
            return outbox.error();
        m_outbox = std::move(outbox).value();
        return m_config.chat->joinAsNew || (m_outbox->kept().joined && m_token.isEmpty()) ? forgetIdentity()
                                                                                          : std::nullopt;
    }

    std::optional<Error> lockFolder()
    {
        const QString native = QDir::toNativeSeparators(m_folder);
        if (!makePrivateFolder(m_folder)
            || !QFile::setPermissions(m_folder, kPrivateFile | QFile::ExeOwner)) {
            return Error{Error::Code::NotPermitted,
                         u"The folder %1 cannot be made or is not yours. Name another state directory, or "
                         "give yourself the right to write there."_s.arg(native)};
        }
        m_lock = std::make_unique<QLockFile>(QDir(m_folder).filePath(u"lock"_s));
        m_lock->setStaleLockTime(0);
        if (m_lock->tryLock(0)) {
            QFile::setPermissions(QDir(m_folder).filePath(u"lock"_s), kPrivateFile);
            return std::nullopt;
        }
        if (m_lock->error() != QLockFile::LockFailedError) {
            return Error{Error::Code::NotPermitted,
                         u"The folder %1 cannot be written to (is the disk full?)."_s.arg(native)};
        }
        qint64 pid = 0;
        QString host;
        QString program;
        m_lock->getLockInfo(&pid, &host, &program);
        return Error{
            Error::Code::InUse,
            u"Another program (%1, process %2) is connected as “%3” already. End it, or take another "
            "name or state directory."_s.arg(program, QString::number(pid), m_config.chat->name)};
    }

    std::optional<Error> readToken()
    {
        QFile file(tokenPath());
        if (!file.exists())
            return std::nullopt;
        if (!file.open(QIODevice::ReadOnly)) {
            return Error{
                Error::Code::NotPermitted,
                u"Cannot read %1: %2."_s.arg(QDir::toNativeSeparators(file.fileName()), file.errorString())};
        }
        m_token = QByteArray::fromHex(file.read(4096).trimmed());
        if (m_token.size() == chat::kTokenBytes || m_config.chat->joinAsNew)
            return std::nullopt;
        return Error{Error::Code::BadInput,
                     u"The file %1 should hold this client's token, and does not. Remove it to join as "
                     "somebody new."_s.arg(QDir::toNativeSeparators(file.fileName()))};
    }

    /// What waits may have reached the server under the old identity, and its IDs may be other people by now:
    /// it is not sent under the new one.
    std::optional<Error> forgetIdentity()
    {
        OutboxChanges changes;
        if (m_outbox->kept().joined || !m_token.isEmpty())
            changes.failAll = kNotSentAsOther;
        changes.lastSeq = 0;
        changes.name = QString();
        changes.joined = false;
        if (std::optional<Error> error = m_outbox->write(changes))
            return error;
        if (!m_token.isEmpty() && !QFile::remove(tokenPath())) {
            return Error{Error::Code::NotPermitted,
                         u"Cannot remove %1."_s.arg(QDir::toNativeSeparators(tokenPath()))};
        }
        m_token.clear();
        return std::nullopt;
    }

    const ClientConfig m_config;
    Inbox<ChatStateReply> &m_replies;
    QString m_folder;
    std::unique_ptr<QLockFile> m_lock; ///< outlives the database
    std::unique_ptr<Outbox> m_outbox;
    QByteArray m_token;
    OutboxChanges m_changes;
    std::vector<ReadOutbox> m_reads;
    QTimer m_retry;
    bool m_failing = false;
    bool m_quit = false;
    Inbox<Command> m_commands;
};

} // namespace

class ChatState::Private
{
public:
    Private(const ClientConfig &config, Handler handler)
        : m_replies([handler = std::move(handler)](std::vector<ChatStateReply> &&replies) {
              for (ChatStateReply &reply : replies)
                  handler(std::move(reply));
          }),
          m_thread(u"wireroom-state"_s,
                   [this, config] { return std::make_unique<Worker>(config, m_replies); })
    {
        post(OpenChatState{});
    }

    ~Private()
    {
        post(QuitChatState{});
        m_thread.join();
    }
    Q_DISABLE_COPY_MOVE(Private)

    void post(Command command) { m_thread.worker().commands().post(std::move(command)); }

private:
    Inbox<ChatStateReply> m_replies;
    NetworkThread<Worker> m_thread;
};

ChatState::ChatState(const ClientConfig &config, Handler handler)
    : d(std::make_unique<Private>(config, std::move(handler)))
{
}

ChatState::~ChatState() = default;

void ChatState::add(OutboxMessage message)
{
    d->post(AddToOutbox{std::move(message)});
}

void ChatState::fail(quint64 ref, const QString &why)
{
    d->post(FailInOutbox{ref, why});
}

void ChatState::forget(quint64 ref)
{
    d->post(ForgetInOutbox{ref});
}

void ChatState::read(quint64 afterRef, size_t limit, quint64 limitBytes)
{
    d->post(ReadOutbox{afterRef, limit, limitBytes});
}

void ChatState::saveProgress(quint64 seq)
{
    d->post(SaveProgress{seq});
}

void ChatState::saveToken(const QByteArray &token)
{
    d->post(SaveToken{token});
}

void ChatState::saveName(const QString &name)
{
    d->post(SaveName{name});
}

void ChatState::saveLastRef(quint64 ref)
{
    d->post(SaveLastRef{ref});
}

QString ChatState::folder(const ClientConfig &config)
{
    if (!config.chat || config.chat->stateDir.isEmpty())
        return {};
    const QString server = config.host.trimmed().toLower() % u'_' % QString::number(config.port);
    return QDir(QDir(config.chat->stateDir).absoluteFilePath(fileName(server)))
        .filePath(fileName(config.chat->name));
}

} // namespace wireroom
