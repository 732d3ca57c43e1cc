// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/composersettings.h"

#include "common/widgets/composer.h"

#include <QSettings>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

const QString kHistoryKey = u"composer/history"_s;
const QString kModeKey = u"composer/mode"_s;

} // namespace

void loadComposer(Composer &composer, const QSettings &settings)
{
    composer.setHistory(settings.value(kHistoryKey).toStringList());
    const int mode = settings.value(kModeKey).toInt();
    if (mode >= static_cast<int>(PayloadMode::Text) && mode <= static_cast<int>(PayloadMode::Escapes))
        composer.setMode(static_cast<PayloadMode>(mode));
}

void saveComposer(const Composer &composer, QSettings &settings)
{
    settings.setValue(kHistoryKey, composer.history());
    settings.setValue(kModeKey, static_cast<int>(composer.mode()));
}

} // namespace wireroom
