// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/bans.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

#include <algorithm>
#include <set>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kVersion = 1;

QJsonObject toJson(const Ban &ban)
{
    QJsonObject object{{u"who"_s, ban.who.toString()}, {u"since"_s, ban.since.toString(Qt::ISODate)}};
    if (!ban.reason.isEmpty())
        object.insert(u"reason"_s, ban.reason);
    if (ban.until.isValid())
        object.insert(u"until"_s, ban.until.toString(Qt::ISODate));
    return object;
}

std::optional<Ban> fromJson(const QJsonObject &object)
{
    const Result<BanTarget> who = BanTarget::parse(object.value("who"_L1).toString());
    if (!who)
        return {};
    Ban ban{who.value(), object.value("reason"_L1).toString(), {}, {}};
    ban.since = QDateTime::fromString(object.value("since"_L1).toString(), Qt::ISODate);
    if (object.contains("until"_L1)) {
        ban.until = QDateTime::fromString(object.value("until"_L1).toString(), Qt::ISODate);
        if (!ban.until.isValid())
            return {};
    }
    return ban;
}

} // namespace

std::optional<Error> Bans::open(const QString &dataDir)
{
    setAll({});
    m_file = dataDir.isEmpty() ? QString() : QDir(dataDir).filePath(u"bans.json"_s);
    QFile file(m_file);
    if (m_file.isEmpty() || !file.exists())
        return {};
    const QString shown = QDir::toNativeSeparators(m_file);
    if (!file.open(QIODevice::ReadOnly))
        return Error{Error::Code::BadInput,
                     u"The bans cannot be read from %1: %2. Give yourself the right to read it."_s.arg(
                         shown, file.errorString())};
    const QJsonObject root = QJsonDocument::fromJson(file.readAll()).object();
    const QJsonArray entries = root.value("bans"_L1).toArray();
    bool isWhole = root.value("version"_L1).toInt() == kVersion && root.value("bans"_L1).isArray();
    All all;
    for (qsizetype i = 0; isWhole && i < entries.size(); ++i) {
        const std::optional<Ban> ban = fromJson(entries.at(i).toObject());
        isWhole = ban.has_value();
        if (ban)
            all.insert(ban->who.toString(), *ban);
    }
    if (!isWhole)
        return Error{Error::Code::BadInput,
                     u"The file %1 should hold the bans, and does not: somebody who is banned might come in. "
                     "Mend it, or move it away to begin without bans."_s.arg(shown)};
    setAll(std::move(all));
    return {};
}

void Bans::setAll(All all)
{
    m_all = std::move(all);
    std::set<int, std::greater<>> lengths4, lengths6;
    for (const Ban &ban : std::as_const(m_all)) {
        if (!ban.who.id())
            (ban.who.isV6() ? lengths6 : lengths4).insert(ban.who.prefixLength());
    }
    m_lengths4.assign(lengths4.begin(), lengths4.end());
    m_lengths6.assign(lengths6.begin(), lengths6.end());
}

std::optional<Error> Bans::add(const Ban &ban)
{
    All all = m_all;
    all.insert(ban.who.toString(), ban);
    if (all.size() > kMost)
        return Error{Error::Code::TooLarge, u"There are %1 bans already. Ban networks."_s.arg(kMost)};
    if (std::optional<Error> error = save(all))
        return error;
    setAll(std::move(all));
    return {};
}

Result<Ban> Bans::lift(const BanTarget &who)
{
    All all = m_all;
    const auto found = all.constFind(who.toString());
    if (found == all.cend())
        return Error{Error::Code::NotFound, u"%1 is not banned."_s.arg(who.toString())};
    const Ban ban = *found;
    all.erase(found);
    if (const std::optional<Error> error = save(all))
        return *error;
    setAll(std::move(all));
    return ban;
}

std::vector<Ban> Bans::removeOver(const QDateTime &now)
{
    std::vector<Ban> over;
    for (const Ban &ban : std::as_const(m_all)) {
        if (ban.isOver(now))
            over.push_back(ban);
    }
    if (over.empty())
        return over;
    All all = m_all;
    for (const Ban &ban : over)
        all.remove(ban.who.toString());
    // Where it cannot be written they stand in the file as over, which is the same.
    save(all);
    setAll(std::move(all));
    return over;
}

const Ban *Bans::find(ClientId id, const QDateTime &now) const
{
    const auto found = m_all.constFind(id.toString());
    return found == m_all.cend() || found->isOver(now) ? nullptr : &*found;
}

const Ban *Bans::find(const QHostAddress &address, const QDateTime &now) const
{
    const bool isV6 = BanTarget(address).isV6();
    for (const int length : isV6 ? m_lengths6 : m_lengths4) {
        const auto found = m_all.constFind(BanTarget::networkOf(address, length).toString());
        if (found != m_all.cend() && !found->isOver(now))
            return &*found;
    }
    return nullptr;
}

std::vector<Ban> Bans::list() const
{
    std::vector<Ban> bans(m_all.cbegin(), m_all.cend());
    std::sort(bans.begin(), bans.end(), [](const Ban &a, const Ban &b) {
        return a.since == b.since ? a.who.toString() < b.who.toString() : a.since > b.since;
    });
    return bans;
}

std::optional<Error> Bans::save(const All &all) const
{
    if (m_file.isEmpty())
        return {};
    QJsonArray entries;
    for (const Ban &ban : all)
        entries.append(toJson(ban));
    QSaveFile file(m_file);
    const QByteArray text
        = QJsonDocument(QJsonObject{{u"version"_s, kVersion}, {u"bans"_s, entries}}).toJson();
    const bool isWritten = file.open(QIODevice::WriteOnly)
        && file.setPermissions(QFile::ReadOwner | QFile::WriteOwner) && file.write(text) == text.size()
        && file.commit();
    if (isWritten)
        return {};
    return Error{Error::Code::Internal,
                 u"The bans cannot be written to %1: %2. Nothing was changed."_s.arg(
                     QDir::toNativeSeparators(m_file), file.errorString())};
}

} // namespace wireroom
