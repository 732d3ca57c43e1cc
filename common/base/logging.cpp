// SPDX-License-Identifier: Apache-2.0
#include "common/base/logging.h"

namespace wireroom {

Q_LOGGING_CATEGORY(lcServer, "wireroom.server", QtInfoMsg)
Q_LOGGING_CATEGORY(lcTransport, "wireroom.transport", QtInfoMsg)

} // namespace wireroom
