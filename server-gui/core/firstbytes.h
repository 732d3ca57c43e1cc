// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/formatdetector.h"
#include "server-gui/core/serverconfig.h"

#include <QElapsedTimer>

namespace wireroom {

/// Judges a connection by its first bytes, asked again as they become more and as time passes. A value.
class FirstBytes
{
public:
    /// Bytes that decide nothing and do not go on for so long are given the default format.
    static constexpr int kPatienceMs = 10'000;

    /// In a hurry (it is about to be written to), bytes count as if nothing more were to come.
    enum class Hurry : bool { No, Yes };

    enum class Tls : bool { No, Yes }; ///< whether a ClientHello is looked for where the format is known

    /// Unless the format is `auto`, plain peers speak it.
    Detection judge(QByteArrayView first, bool ended, const ServerConfig &config, Tls tls, Hurry hurry);

    bool any() const { return m_seen > 0; }

private:
    qsizetype m_seen = 0;
    QElapsedTimer m_sinceLast;
};

} // namespace wireroom
