// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/pinstore.h"

#include "client-gui/core/clientconfig.h"
#include "client-gui/core/privatefolder.h"
#include "common/base/readfile.h"

#include <QDir>
#include <QFileInfo>
#include <QHostAddress>
#include <QLockFile>
#include <QSaveFile>
#include <QUrl>

#include <filesystem>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// No person knows so many servers; a file over this is none of ours.
constexpr qsizetype kMostBytes = 4 * 1024 * 1024;

/// Another client holds the lock for as long as it writes a small file.
constexpr std::chrono::milliseconds kLockPatience{2'000};

constexpr char kHeading[] = "# The servers that were trusted, each with the SHA-256 of its certificate.\n";

/// One server has one name in the file, however a person writes it there.
QString keyOf(const HostPort &place)
{
    const QHostAddress address(place.host);
    return HostPort{address.isNull() ? place.host.toLower() : address.toString(), place.port}.toString();
}

/// The same for a host that a connection is made to: the file has names in ASCII, and without blanks.
QString keyOfHost(const HostPort &place)
{
    if (!QHostAddress(place.host).isNull())
        return keyOf(place);
    const QByteArray ascii = QUrl::toAce(place.host);
    return keyOf(
        {QString::fromLatin1(ascii.isEmpty() ? QUrl::toPercentEncoding(place.host) : ascii), place.port});
}

/// A line's two parts; nothing where it holds no server.
struct Line
{
    std::optional<HostPort> place;
    std::optional<Fingerprint> fingerprint;
};

std::optional<Line> parse(const QByteArray &line)
{
    const QString entry = QString::fromUtf8(line).simplified();
    if (entry.isEmpty() || entry.startsWith(u'#'))
        return std::nullopt;
    const qsizetype blank = entry.indexOf(u' ');
    Line parsed{HostPort::fromString(entry.left(blank)),
                Fingerprint::fromString(blank < 0 ? QString() : entry.mid(blank))};
    if (parsed.place && (parsed.place->host.isEmpty() || parsed.place->port == 0))
        parsed.place.reset();
    return parsed;
}

} // namespace

QString PinStore::defaultFile()
{
    return QDir(ChatIdentity::defaultStateDir()).filePath(u"known-servers"_s);
}

Error PinStore::damaged(int line, const QString &what) const
{
    return {Error::Code::BadInput,
            u"%1, line %2: %3. Nobody can tell which servers are known until that is put right; it needs a "
            "server and its fingerprint in each line."_s.arg(QDir::toNativeSeparators(m_file),
                                                             QString::number(line), what)};
}

Result<PinStore::Content> PinStore::read() const
{
    const auto unreadable = [this](const QString &why) {
        return Error{Error::Code::NotPermitted,
                     u"Cannot read %1, which says what servers are known: %2."_s.arg(
                         QDir::toNativeSeparators(m_file), why)};
    };
    // QFile::exists() also says no where nobody may look.
    std::error_code error;
    const auto status = std::filesystem::status(QFileInfo(m_file).filesystemAbsoluteFilePath(), error);
    if (status.type() == std::filesystem::file_type::not_found)
        return Content{kHeading, {}};
    if (error)
        return unreadable(QString::fromLocal8Bit(error.message().c_str()));
    if (status.type() != std::filesystem::file_type::regular)
        return unreadable(u"it is no file"_s);
    QFile file(m_file);
    if (!file.open(QIODevice::ReadOnly))
        return unreadable(file.errorString());
    Content content{readUpTo(file, kMostBytes), {}};
    if (file.error() != QFile::NoError)
        return unreadable(file.errorString());
    if (content.text.size() > kMostBytes)
        return unreadable(u"it is too large to be such a file"_s);

    int number = 0;
    for (const QByteArray &line : content.text.split('\n')) {
        ++number;
        const std::optional<Line> parsed = parse(line);
        if (!parsed)
            continue;
        if (!parsed->place)
            return damaged(number, u"there is no HOST:PORT"_s);
        if (!parsed->fingerprint)
            return damaged(number, u"there is no fingerprint of 64 hexadecimal digits"_s);
        const QString key = keyOf(*parsed->place);
        if (!content.pins.emplace(key, *parsed->fingerprint).second)
            return damaged(number, u"%1 is there twice"_s.arg(key));
    }
    return content;
}

Result<std::optional<Fingerprint>> PinStore::find(const HostPort &place) const
{
    const Result<Content> content = read();
    if (!content)
        return content.error();
    const auto found = content.value().pins.find(keyOfHost(place));
    if (found == content.value().pins.end())
        return std::optional<Fingerprint>();
    return std::optional(found->second);
}

std::optional<Error> PinStore::keep(const HostPort &place, const Fingerprint &fingerprint,
                                    const std::optional<Fingerprint> &before) const
{
    const QString native = QDir::toNativeSeparators(m_file);
    if (!makePrivateFolder(QFileInfo(m_file).absolutePath())) {
        return Error{Error::Code::NotPermitted,
                     u"The folder of %1, which says what servers are known, cannot be made."_s.arg(native)};
    }
    const QString lockName = m_file % u".lock"_s;
    QLockFile lock(lockName);
    if (!lock.tryLock(kLockPatience)) {
        return Error{lock.error() == QLockFile::LockFailedError ? Error::Code::InUse
                                                                : Error::Code::NotPermitted,
                     lock.error() == QLockFile::LockFailedError
                         ? u"Another program holds %1 for too long. Try again."_s.arg(native)
                         : u"The folder of %1 cannot be written to (is the disk full?)."_s.arg(native)};
    }
    QFile::setPermissions(lockName, kPrivateFile);

    Result<Content> content = read();
    if (!content)
        return content.error();
    const QString key = keyOfHost(place);
    const auto known = content.value().pins.find(key);
    const bool isKnown = known != content.value().pins.end();
    if (isKnown && known->second == fingerprint)
        return std::nullopt;
    if (isKnown != before.has_value() || (isKnown && known->second != *before)) {
        return Error{
            Error::Code::InUse,
            u"Another program has just kept another fingerprint for %1. Connect again to see it."_s.arg(key)};
    }

    QByteArray text;
    for (const QByteArray &line : content.value().text.split('\n')) {
        const std::optional<Line> parsed = parse(line);
        if (!line.isEmpty() && !(parsed && keyOf(*parsed->place) == key))
            text += line + '\n';
    }
    text += key.toUtf8() + ' ' + fingerprint.toString().toLatin1() + '\n';
    return write(text);
}

std::optional<Error> PinStore::write(const QByteArray &text) const
{
    QSaveFile file(m_file);
    if (file.open(QIODevice::WriteOnly) && file.setPermissions(kPrivateFile)
        && file.write(text) == text.size() && file.commit()) {
        return std::nullopt;
    }
    return Error{Error::Code::NotPermitted,
                 u"Cannot write %1, which says what servers are known: %2."_s.arg(
                     QDir::toNativeSeparators(m_file), file.errorString())};
}

} // namespace wireroom
