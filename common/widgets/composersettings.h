// SPDX-License-Identifier: Apache-2.0
#pragma once

class QSettings;

namespace wireroom {

class Composer;

/// What a composer keeps from run to run: the messages sent before, and text or bytes. Nonsense is ignored.
void loadComposer(Composer &composer, const QSettings &settings);
void saveComposer(const Composer &composer, QSettings &settings);

} // namespace wireroom
