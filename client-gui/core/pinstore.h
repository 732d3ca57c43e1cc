// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/hostport.h"
#include "common/base/result.h"
#include "common/transport/fingerprint.h"

#include <QByteArray>
#include <QString>

#include <map>
#include <optional>

namespace wireroom {

/// What was seen first at each server, like SSH's known_hosts: a text file with a line `HOST:PORT
/// FINGERPRINT` for each, which a person can read and edit. Several clients may share it: it is read anew
/// each time, and written as a whole, under a lock.
///
/// What cannot be read or understood is an error, never an unknown server: otherwise whoever damages the file
/// could pass for any.
class PinStore
{
public:
    /// Made at the first keep(), 0600, with the folders above it that are missing (0700).
    explicit PinStore(const QString &file) : m_file(file) { }

    /// Where it is for this user unless another is named.
    static QString defaultFile();

    /// What is kept for that server; nothing where it is not known.
    Result<std::optional<Fingerprint>> find(const HostPort &place) const;

    /// Keeps `fingerprint` for that server. `before` is what find() said: where that is not so any more,
    /// another client was faster, and nothing is changed.
    std::optional<Error> keep(const HostPort &place, const Fingerprint &fingerprint,
                              const std::optional<Fingerprint> &before) const;

private:
    /// The lines as they are, comments included, and what they mean.
    struct Content
    {
        QByteArray text;
        std::map<QString, Fingerprint> pins;
    };

    Result<Content> read() const;
    std::optional<Error> write(const QByteArray &text) const;
    Error damaged(int line, const QString &what) const;

    QString m_file;
};

} // namespace wireroom
