// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArrayView>
#include <QStringView>

namespace wireroom {

class JsonLine;

/// Standard output of a terminal program: whole lines, flushed by the batch, so that another program that
/// reads them never waits for one that is there. Main thread. A reader that went away is said once on
/// standard error, and what follows is dropped.
class ConsoleOutput
{
public:
    /// As it is: JSON, whose strings are escaped.
    void line(QByteArrayView utf8);
    /// What would steer a terminal is made visible.
    void line(QStringView text);
    /// As line() of its toJson(), in pieces.
    void line(const JsonLine &json);
    /// A payload for people: writePayload().
    void payloadLine(QByteArrayView payload);
    void flush();

private:
    bool put(QByteArrayView utf8);

    bool m_broken = false;
};

/// A line on standard error; what would steer a terminal is made visible.
void printError(QStringView text);

} // namespace wireroom
