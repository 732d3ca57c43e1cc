// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/recipientnames.h"

#include <QRegularExpression>

#include <algorithm>
#include <optional>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// More of several with one name are not listed.
constexpr size_t kMostListed = 6;

/// What it means to leave somebody out, in front of who that is.
qsizetype exceptionLength(const QString &text)
{
    static const QRegularExpression words(u"^(all\\s+(except|but)\\s+|!\\s*)"_s,
                                          QRegularExpression::CaseInsensitiveOption);
    return words.match(text).capturedLength();
}

/// The ID in “ann (3)”, where that is what 3 is called.
std::optional<ClientId> idBehindName(const QString &part, const NameBook &names)
{
    static const QRegularExpression pattern(u"^(.*) \\((\\d+)\\)$"_s);
    const QRegularExpressionMatch match = pattern.match(part);
    if (!match.hasMatch())
        return {};
    const ClientId id(match.captured(2).toULongLong());
    return names.name(id).compare(match.captured(1), Qt::CaseInsensitive) == 0 ? std::optional(id)
                                                                               : std::nullopt;
}

Error ambiguous(const QString &part, const std::vector<ClientId> &ids)
{
    const std::vector<ClientId> listed(ids.begin(),
                                       ids.begin() + qsizetype(std::min(ids.size(), kMostListed)));
    return {
        Error::Code::BadInput,
        u"%1 clients are called “%2”: %3%4. Please write the ID."_s.arg(ids.size())
            .arg(part, Recipients::only(listed).toString(), ids.size() > kMostListed ? u" …"_s : QString())};
}

/// The IDs, as Recipients::parse() reads them, of one part between commas.
Result<QString> readPart(const QString &part, const NameBook &names)
{
    const Result<Recipients> asIds = Recipients::parse(part);
    if (asIds)
        return asIds.value().isEveryone() ? Result<QString>(
                   Error{Error::Code::BadInput, u"“%1” cannot stand in a list of clients."_s.arg(part)})
                                          : Result<QString>(part);
    if (const auto id = idBehindName(part, names))
        return id->toString();
    const std::vector<ClientId> called = names.find(part);
    if (called.size() == 1)
        return called.front().toString();
    if (called.size() > 1)
        return ambiguous(part, called);
    static const QRegularExpression isNumbers(u"^[\\d\\s-]*$"_s);
    if (isNumbers.match(part).hasMatch())
        return asIds.error();
    return Error{Error::Code::BadInput, u"No client is called “%1”."_s.arg(part)};
}

} // namespace

Result<Recipients> recipientsFromTyped(const QString &text, const NameBook &names)
{
    Result<Recipients> plain = Recipients::parse(text);
    if (plain)
        return plain;
    const QString typed = text.trimmed();
    if (typed.isEmpty())
        return plain;
    const qsizetype length = exceptionLength(typed);
    const QString listed = typed.mid(length);

    // A name may have a comma in it.
    QStringList parts{listed};
    if (names.find(listed).empty() && !idBehindName(listed, names))
        parts = listed.split(u',');
    QStringList ids;
    for (const QString &part : parts) {
        const Result<QString> read = readPart(part.trimmed(), names);
        if (!read)
            return read.error();
        ids.append(read.value());
    }
    return Recipients::parse(QString((length > 0 ? u"all except "_s : QString()) % ids.join(u',')));
}

} // namespace wireroom
