// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QObject>

#include <memory>

namespace wireroom {

/// Standard input as lines, without blocking the thread that wants them.
///
/// A thread of its own reads (the only way that works for terminals, pipes and files on every system) and is
/// left behind, blocked, when the program ends. One per program. Owner: the program's main object. Signals
/// come in the thread that created it. Dead when destroyed: nothing is emitted afterwards.
class LineReader : public QObject
{
    Q_OBJECT

public:
    explicit LineReader(QObject *parent = nullptr);
    ~LineReader() override;

    /// Whether standard input is a terminal, where a person can answer.
    static bool isTyped();

    /// For a taker that is behind. The lines of one more read (16 KiB) may still come.
    void setPaused(bool paused);

Q_SIGNALS:
    /// A line without its end. The last one need not have had an end.
    void lineRead(const QByteArray &line);

    /// End of input; once, after the last line.
    void ended();

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

} // namespace wireroom
