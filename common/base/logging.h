// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLoggingCategory>

namespace wireroom {

/// All logging categories, switched by QT_LOGGING_RULES, e.g. `wireroom.server.debug=true`.
Q_DECLARE_LOGGING_CATEGORY(lcServer)
Q_DECLARE_LOGGING_CATEGORY(lcTransport)

} // namespace wireroom
