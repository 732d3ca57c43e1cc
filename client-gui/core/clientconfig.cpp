// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/clientconfig.h"

#include <QStandardPaths>

using namespace Qt::StringLiterals;

namespace wireroom {

QString ChatIdentity::defaultStateDir()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) % u"/wireroom/client"_s;
}

} // namespace wireroom
