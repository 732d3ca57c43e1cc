// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"
#include "server-gui/window/namebook.h"

namespace wireroom {

/// Reads whom a message goes to, as a person writes it: what Recipients::parse() reads, and names wherever an
/// ID may stand, also as “ann (3)”. The error's text says which part is wrong; a name that several have is
/// one, and the text says their IDs.
Result<Recipients> recipientsFromTyped(const QString &text, const NameBook &names);

} // namespace wireroom
