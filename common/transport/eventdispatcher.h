// SPDX-License-Identifier: Apache-2.0
#pragma once

class QThread;

namespace wireroom {

/// Gives a thread that has not started the epoll event dispatcher, whose cost per turn does not grow with the
/// number of idle sockets (Qt's own dispatchers ask about every socket on every turn).
///
/// The thread owns the dispatcher and deletes it when it finishes: install again right before each start() (a
/// QThread that never runs forgets its dispatcher, without deleting it). Returns false and leaves Qt's
/// default in place where there is no epoll, where the thread runs or already has a dispatcher, or where no
/// descriptors are left.
bool installEventDispatcher(QThread &thread);

} // namespace wireroom
