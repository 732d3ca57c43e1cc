// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>

namespace wireroom {

enum class IconName : quint8 {
    Address,
    Clear,
    Clients,
    Connect,
    Copy,
    Detail,
    Disconnect,
    Error,
    Export,
    Filter,
    Incoming,
    Latest,
    Lock,
    Message,
    Note,
    Outgoing,
    Search,
    Send,
    Settings,
    Start,
    Stop,
    Unlock,
};

/// A symbol in the colour of the palette's text, whatever the palette is when it is painted.
QIcon icon(IconName name);

/// The symbol in one colour, for painting; `size` in device-independent pixels.
QPixmap iconPixmap(IconName name, const QColor &color, int size, qreal devicePixelRatio);

/// The programs' own icons, in colour.
QIcon serverApplicationIcon();
QIcon clientApplicationIcon();

} // namespace wireroom
