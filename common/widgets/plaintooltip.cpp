// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/plaintooltip.h"

#include "common/base/safetext.h"

#include <QTextDocument>

using namespace Qt::StringLiterals;

namespace wireroom {

QString plainToolTip(const QString &text)
{
    const QString safe = safeText(text);
    return Qt::mightBeRichText(safe) ? Qt::convertFromPlainText(safe, Qt::WhiteSpaceNormal) : safe;
}

QString withoutMarkup(const QString &text)
{
    return safeText(text).replace(u'<', u'‹');
}

} // namespace wireroom
