// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace wireroom {

/// Frees what OpenSSL keeps for the calling thread (its random numbers, about 5 KB). To be called at the end
/// of a thread that used TLS; its own way of noticing the end does not work everywhere.
void releaseTlsOfThread();

} // namespace wireroom
