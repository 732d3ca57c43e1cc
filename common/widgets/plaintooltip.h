// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

namespace wireroom {

/// For tooltips and other places that guess whether a text is HTML: what others wrote is shown as it is, its
/// invisible characters made visible.
QString plainToolTip(const QString &text);

/// For notifications, which some desktops take for HTML and others do not: nothing in it is a tag to either.
QString withoutMarkup(const QString &text);

} // namespace wireroom
