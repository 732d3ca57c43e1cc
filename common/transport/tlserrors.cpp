// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlserrors.h"

#include <QSslSocket>

#include <openssl/err.h>

using namespace Qt::StringLiterals;

namespace wireroom {

void clearTlsErrors()
{
    ERR_clear_error();
}

QString tlsErrorWords()
{
    const char *const words = ERR_reason_error_string(ERR_peek_last_error());
    return words ? QString::fromLatin1(words) : u"no reason is known"_s;
}

QString tlsErrorWords(const QSslSocket &socket)
{
    const QString text = socket.errorString();
    const QString last = text.section(u':', -1).trimmed();
    return last.isEmpty() ? text : last;
}

QString brokenTlsText(const QString &words)
{
    return u"What came through TLS was broken on the way or forged: %1."_s.arg(words);
}

} // namespace wireroom
