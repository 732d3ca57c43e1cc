// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/protocol/message.h"

#include <QFile>

#include <memory>
#include <vector>

namespace wireroom {

/// A file that holds every message received exactly once, one JSON object a line: what it ends with is where
/// to go on from, so it cannot disagree with anything.
///
/// Owner: the chat of wireroom-cli; main thread. append() blocks until the disk has it.
class Transcript
{
public:
    /// Makes the file, or goes on in it; a last line that is torn (the program was killed while it wrote) is
    /// cut off. Refuses a file that is something else, and touches nothing of it.
    static Result<std::unique_ptr<Transcript>> open(const QString &path);

    /// The seq of the last message in it; 0: none.
    quint64 lastSeq() const { return m_lastSeq; }

    /// All or (with an error) none of the messages that are newer than lastSeq(). After an error nothing more
    /// is written.
    std::optional<Error> append(const std::vector<const chat::Delivery *> &deliveries);

private:
    explicit Transcript(const QString &path) : m_file(path) { }

    std::optional<Error> findEnd();
    Error fileError(const QString &what) const;

    QFile m_file;
    quint64 m_lastSeq = 0;
    bool m_failed = false;
};

} // namespace wireroom
