// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

class QSslSocket;

namespace wireroom {

/// Before a call of OpenSSL whose failure is to be told, and after one whose failure is not.
void clearTlsErrors();

/// What went wrong in the calling thread since clearTlsErrors(), in OpenSSL's words ("unsupported protocol").
QString tlsErrorWords();

/// The same of a socket of Qt, without OpenSSL's numbers ("unsupported protocol" of
/// "error:0A000102:SSL routines::unsupported protocol").
QString tlsErrorWords(const QSslSocket &socket);

/// A sentence for the log about a connection that had to end over such words.
QString brokenTlsText(const QString &words);

} // namespace wireroom
