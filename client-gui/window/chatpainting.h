// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/window/chatmessage.h"

#include <QColor>
#include <QRectF>

class QPainter;
class QPalette;

namespace wireroom {

// What the conversation and the list of conversations paint alike. GUI thread.

/// A person's colour: always the same for an ID, readable as text on base and window.
QColor personColor(ClientId id, const QPalette &palette);

/// A disc with the first letter of the title; a group's and everyone's have a symbol instead.
void paintAvatar(QPainter *painter, const QRectF &rect, const QString &title, const QColor &color);
void paintGroupAvatar(QPainter *painter, const QRectF &rect, const QColor &color, qreal devicePixelRatio);

/// What became of one of our own messages.
enum class Mark : quint8 {
    Waiting,   ///< a clock
    Stored,    ///< a tick
    Partly,    ///< two ticks
    Delivered, ///< two ticks in colour
    Failed,    ///< an exclamation mark
};

Mark markOf(const ChatMessage &message);

/// Into a rectangle of kMarkSize.
void paintMark(QPainter *painter, const QRectF &rect, Mark mark, const QPalette &palette);

inline constexpr QSize kMarkSize{18, 12};

} // namespace wireroom
