// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/protocol/message.h"

#include <QStringList>

namespace wireroom {

/// How parts of a message are written in the columns of the history's tables. No state, any thread.

/// The column `recipients`: the IDs in their order, joined by commas; a null string for everyone.
QString recipientsColumn(const chat::Addressees &to);
chat::Addressees recipientsFromColumn(const QString &column, bool isNull);

/// The column `conversation`: what all messages between exactly these have in common, whoever sent them.
QString conversationColumn(ClientId sender, const chat::Addressees &to);

/// The form in which texts are compared, so that the case makes no difference.
QString foldedText(const QByteArray &utf8);
QString foldedText(QString text);

/// The distinct groups of three characters in a folded text, at most `most` of them; none where it is
/// shorter.
QStringList trigrams(const QString &folded, qsizetype most);

} // namespace wireroom
