// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/serversettings.h"

using namespace Qt::StringLiterals;

namespace wireroom {

std::unique_ptr<QSettings> openServerSettings()
{
    return std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope, u"Wireroom"_s,
                                       u"wireroom-server"_s);
}

} // namespace wireroom
