// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QStringView>

#include <optional>

namespace wireroom {

/// A host (name or address, brackets removed) and a port, as one writes them: `HOST:PORT`, `[IPv6]:PORT`,
/// `:PORT`.
struct HostPort
{
    QString host;
    quint16 port = 0;

    /// Nothing where the text is not of that form.
    static std::optional<HostPort> fromString(QStringView text);

    /// The same form again, an IPv6 address in brackets.
    QString toString() const;
};

} // namespace wireroom
