// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QString>

namespace wireroom {

/// Argon2id by libsodium, at its "interactive" cost (64 MiB and two passes: some 0.1 s). Any thread.

/// What a password is hashed as: composed UTF-8, so that it is the same whatever it was typed on.
QByteArray passwordBytes(const QString &password);

/// Empty where there is not memory enough.
QByteArray passwordHash(const QByteArray &bytes);

bool isPasswordRight(const QByteArray &bytes, const QByteArray &hash);

/// True for the text form of an Argon2 hash.
bool isPasswordHash(const QByteArray &text);

} // namespace wireroom
