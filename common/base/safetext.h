// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

namespace wireroom {

// What others wrote, so that it is seen and does nothing: control characters as their pictures (␛), what
// turns the direction of writing or is not to be seen as \u202e. All of it stays; to cut is up to the caller.

/// For one line of a terminal, a log or a label: a line feed is a picture, too.
QString safeLine(QStringView text);

/// For several lines: line feeds (with a carriage return or without) and tabs do what they are for.
QString safeText(QStringView text);

/// Appends the visible form of one character.
void appendVisible(QString &text, char32_t character);

} // namespace wireroom
