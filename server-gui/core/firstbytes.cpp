// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/firstbytes.h"

namespace wireroom {

Detection FirstBytes::judge(QByteArrayView first, bool ended, const ServerConfig &config, Tls tls,
                            Hurry hurry)
{
    if (first.size() > m_seen) {
        m_seen = first.size();
        m_sinceLast.start();
    }
    const PeerProgress progress = ended                                 ? PeerProgress::Ended
        : hurry == Hurry::Yes || m_sinceLast.hasExpired(kQuietPeriodMs) ? PeerProgress::Quiet
                                                                        : PeerProgress::MayGoOn;
    const Detection detection = config.format.isAuto()
        ? detectFormat(first, progress, config.defaultFormat, config.maxPayloadBytes)
        : detectChat(first, progress, config.format, tls == Tls::Yes);
    if (detection.outcome == Detection::Outcome::NeedMore && any() && m_sinceLast.hasExpired(kPatienceMs))
        return {Detection::Outcome::Plain, config.format.isAuto() ? config.defaultFormat : config.format, {}};
    return detection;
}

} // namespace wireroom
