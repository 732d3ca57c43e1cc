// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlscontext.h"

#include "common/transport/tlsidentity.h"
#include "common/transport/tlssettings.h"

namespace wireroom {

ssl_ctx_st *TlsContext::settings(const TlsIdentity &identity)
{
    if (!m_settings || m_fingerprint != identity.fingerprint) {
        m_settings = newTlsSettings(identity.certificates, identity.key);
        m_fingerprint = identity.fingerprint;
    }
    return m_settings.get();
}

} // namespace wireroom
