// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historylocation.h"

#include <QDir>
#include <QStringList>
#include <QUrl>
#include <QUrlQuery>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What may stand behind the question mark besides `host` and `user`: libpq's own names.
bool isConnectOption(const QString &name)
{
    static const QStringList known{u"sslmode"_s, u"sslrootcert"_s, u"sslcert"_s, u"sslkey"_s,
                                   u"connect_timeout"_s};
    return known.contains(name);
}

Error notUsable(const QString &what)
{
    return Error{Error::Code::BadInput,
                 u"The history's place %1. Write a file's name, sqlite:FILE, or "
                 "postgresql://USER:PASSWORD@HOST:PORT/DATABASE."_s.arg(what)};
}

Result<HistoryLocation> postgresFromUrl(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    if (!url.isValid())
        return notUsable(u"is no valid URL"_s);
    HistoryLocation location{.kind = HistoryLocation::Kind::PostgreSql};
    location.host = url.host(QUrl::FullyDecoded);
    location.port = url.port();
    location.user = url.userName(QUrl::FullyDecoded);
    location.password = url.password(QUrl::FullyDecoded);
    location.database = url.path(QUrl::FullyDecoded).mid(1);
    if (location.database.isEmpty() || location.database.contains(u'/'))
        return notUsable(u"names no database"_s);
    QStringList options;
    const auto items = QUrlQuery(url).queryItems(QUrl::FullyDecoded);
    for (const auto &[name, value] : items) {
        if (name == "host"_L1)
            location.host = value;
        else if (name == "user"_L1)
            location.user = value;
        else if (isConnectOption(name) && !value.contains(u';') && !value.contains(u' '))
            options.append(name % u'=' % value);
        else
            return notUsable(u"has an option \"%1\" that is not known or has a wrong value"_s.arg(name));
    }
    if (!url.hasQuery() || !QUrlQuery(url).hasQueryItem(u"connect_timeout"_s))
        options.append(u"connect_timeout=5"_s);
    location.options = options.join(u';');
    return location;
}

} // namespace

Result<HistoryLocation> HistoryLocation::fromUrl(const QString &url)
{
    for (const auto scheme : {"postgresql:"_L1, "postgres:"_L1}) {
        if (url.startsWith(scheme, Qt::CaseInsensitive))
            return postgresFromUrl(url);
    }
    QString path = url;
    if (url.startsWith("sqlite:"_L1, Qt::CaseInsensitive))
        path = url.mid(7);
    else if (url.contains("://"_L1))
        return notUsable(u"begins with \"%1:\", which is not known"_s.arg(url.section(u':', 0, 0)));
    while (path.startsWith("//"_L1))
        path.remove(0, 1);
    if (path.isEmpty())
        return notUsable(u"is empty"_s);
    return HistoryLocation{.path = QDir::current().absoluteFilePath(path)};
}

QString HistoryLocation::toString() const
{
    if (kind == Kind::Sqlite)
        return QDir::toNativeSeparators(path);
    QString text = u"postgresql://"_s;
    if (!user.isEmpty())
        text += user % u'@';
    const bool isSocket = host.startsWith(u'/');
    if (!isSocket)
        text += host.contains(u':') ? QString(u'[' % host % u']') : host;
    if (port > 0)
        text += u':' % QString::number(port);
    text += u'/' % database;
    if (isSocket)
        text += "?host="_L1 % host;
    return text;
}

} // namespace wireroom
