// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>

using SSL = struct ssl_st;

namespace wireroom::load {

/// How a Socket sends and receives: in the clear, or by TLS. It belongs to the Socket and uses, but does not
/// own, its descriptor. Both calls return what send() and recv() do, and set errno likewise.
class Channel
{
public:
    /// With TLS it shakes hands, waiting, so the descriptor must still block. The certificate is not checked:
    /// this makes load on loopback, and there is nobody to be mistaken for.
    Channel(int descriptor, bool isEncrypted);

    ssize_t send(const char *bytes, size_t size);
    ssize_t receive(char *bytes, size_t size);

    /// Bytes came that the system will not report any more, because they were read ahead.
    bool hasPending() const;

private:
    struct Deleter
    {
        void operator()(SSL *ssl) const;
    };

    ssize_t otherwise() const;

    int m_descriptor;
    std::unique_ptr<SSL, Deleter> m_ssl;
};

} // namespace wireroom::load
