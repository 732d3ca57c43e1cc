// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>

namespace wireroom {

/// SIGTERM and SIGINT (Ctrl+C) as a Qt signal. The second one ends the program at once, in case the clean way
/// hangs. Also ignores SIGPIPE, so that a reader of our output that goes away is an error code and not our
/// end.
///
/// One per program, in the main thread, alive as long as the event loop.
class TerminationSignal : public QObject
{
    Q_OBJECT

public:
    explicit TerminationSignal(QObject *parent = nullptr);
    ~TerminationSignal() override;

Q_SIGNALS:
    void requested();
};

} // namespace wireroom
