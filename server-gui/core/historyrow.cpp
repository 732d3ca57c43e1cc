// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyrow.h"

#include <QCryptographicHash>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Longer ones are kept as their hash: an index has a limit (PostgreSQL: 2,704 bytes), and no need of them.
constexpr qsizetype kLongestConversation = 200;

void appendId(QString &text, ClientId id)
{
    if (!text.isEmpty())
        text += u',';
    text += QString::number(id.value());
}

} // namespace

QString recipientsColumn(const chat::Addressees &to)
{
    if (!to)
        return {};
    QString text = u""_s;
    for (const ClientId id : *to)
        appendId(text, id);
    return text;
}

chat::Addressees recipientsFromColumn(const QString &column, bool isNull)
{
    if (isNull)
        return {};
    std::vector<ClientId> to;
    for (const QStringView id : QStringView(column).tokenize(u',', Qt::SkipEmptyParts))
        to.push_back(ClientId(id.toULongLong()));
    return to;
}

QString conversationColumn(ClientId sender, const chat::Addressees &to)
{
    if (!to)
        return u"*"_s;
    std::vector<ClientId> everyone = *to;
    everyone.push_back(sender);
    std::sort(everyone.begin(), everyone.end());
    everyone.erase(std::unique(everyone.begin(), everyone.end()), everyone.end());
    QString text;
    for (const ClientId id : everyone)
        appendId(text, id);
    if (text.size() <= kLongestConversation)
        return text;
    return u'#'
        % QString::fromLatin1(QCryptographicHash::hash(text.toLatin1(), QCryptographicHash::Sha256).toHex());
}

QString foldedText(const QByteArray &utf8)
{
    return foldedText(QString::fromUtf8(utf8));
}

QString foldedText(QString text)
{
    text = std::move(text).toCaseFolded();
    // Neither database takes a NUL in a text.
    return text.replace(QChar(u'\0'), QChar(QChar::ReplacementCharacter));
}

QStringList trigrams(const QString &folded, qsizetype most)
{
    QStringList found;
    const auto next = [&folded](qsizetype at) {
        const bool pair = folded.at(at).isHighSurrogate() && at + 1 < folded.size();
        return at + (pair ? 2 : 1);
    };
    for (qsizetype begin = 0; begin < folded.size() && found.size() < most; begin = next(begin)) {
        qsizetype end = begin;
        int characters = 0;
        for (; characters < 3 && end < folded.size(); ++characters)
            end = next(end);
        if (characters < 3)
            break;
        const QString trigram = folded.mid(begin, end - begin);
        if (!found.contains(trigram))
            found.append(trigram);
    }
    return found;
}

} // namespace wireroom
