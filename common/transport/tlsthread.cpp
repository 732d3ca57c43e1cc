// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlsthread.h"

#include <openssl/crypto.h>

namespace wireroom {

void releaseTlsOfThread()
{
    OPENSSL_thread_stop();
}

} // namespace wireroom
