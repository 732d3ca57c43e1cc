// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "server-gui/core/historystore.h"
#include "server-gui/core/serverconfig.h"
#include "server-gui/core/serverevents.h"

#include <QByteArray>
#include <QString>

namespace wireroom {

// How the daemon says what happens: for programs one JSON object a line, for people a sentence. UTF-8, no
// line end.

QByteArray toJson(const ServerEvent &event);

QString toSentence(const ServerEvent &event);

/// As syslog(3) and the journal number them.
enum class LogPriority : quint8 { Error = 3, Warning = 4, Notice = 5, Info = 6 };

LogPriority priorityOf(const ServerEvent &event);

/// One line of a log, with the local time in front. What would steer a terminal is made visible.
QString toLogLine(const QString &sentence);
/// One line for the journal, which has its own time.
QString toJournalLine(const QString &sentence, LogPriority priority);

QByteArray sendAnswer(const SendReport &report, quint64 payloadBytes, bool json);
QByteArray clientsAnswer(const std::vector<ClientSnapshot> &clients, bool json);
QByteArray historyAnswer(const HistoryMessages &page, bool json);
QByteArray kickAnswer(const std::vector<ClientId> &ids, bool json);
/// Who had the name, and what it is called now.
QByteArray releaseAnswer(const KnownClient &client, bool json);
QByteArray policyAnswer(PlainPolicy policy, bool json);
QByteArray helpAnswer(bool json);
QByteArray stopAnswer(bool json);
QByteArray errorAnswer(const QString &command, const Error &error, bool json);

} // namespace wireroom
