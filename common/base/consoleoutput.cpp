// SPDX-License-Identifier: Apache-2.0
#include "common/base/consoleoutput.h"

#include "common/base/jsonline.h"
#include "common/base/payloadtext.h"
#include "common/base/safetext.h"

#include <QByteArray>
#include <QString>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace wireroom {

void ConsoleOutput::line(QByteArrayView utf8)
{
    put(utf8);
    put("\n");
}

void ConsoleOutput::line(QStringView text)
{
    line(QByteArrayView(safeText(text).toUtf8()));
}

void ConsoleOutput::line(const JsonLine &json)
{
    json.write([this](QByteArrayView piece) { return put(piece); });
    put("\n");
}

void ConsoleOutput::payloadLine(QByteArrayView payload)
{
    writePayload(payload, [this](QByteArrayView piece) { return put(piece); });
    put("\n");
}

/// False where nobody reads: the rest need not be made.
bool ConsoleOutput::put(QByteArrayView utf8)
{
    return !m_broken && std::fwrite(utf8.data(), 1, size_t(utf8.size()), stdout) == size_t(utf8.size());
}

void ConsoleOutput::flush()
{
    if (m_broken || (std::fflush(stdout) == 0 && !std::ferror(stdout)))
        return;
    m_broken = true;
    printError(u"Nobody reads the standard output any more: nothing more is written there."_s);
}

void printError(QStringView text)
{
    const QByteArray utf8 = safeText(text).toUtf8();
    std::fwrite(utf8.constData(), 1, size_t(utf8.size()), stderr);
    std::fputc('\n', stderr);
}

} // namespace wireroom
