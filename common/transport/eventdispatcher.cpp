// SPDX-License-Identifier: Apache-2.0
#include "common/transport/eventdispatcher.h"

#include <QThread>

#ifdef Q_OS_LINUX
#include "common/transport/eventdispatcher_epoll.h"

bool wireroom::installEventDispatcher(QThread &thread)
{
    if (thread.isRunning() || thread.eventDispatcher())
        return false;
    auto dispatcher = EpollEventDispatcher::create();
    if (!dispatcher)
        return false;
    thread.setEventDispatcher(dispatcher.get());
    if (thread.eventDispatcher() != dispatcher.get())
        return false;
    dispatcher.release();
    return true;
}

#else

bool wireroom::installEventDispatcher(QThread &)
{
    return false;
}

#endif
