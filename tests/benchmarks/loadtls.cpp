// SPDX-License-Identifier: Apache-2.0
#include "tests/benchmarks/loadtls.h"

#include "tests/benchmarks/loadsocket.h"

#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace wireroom::load {

namespace {

/// All servers are offered the same one, so that none is measured with a cipher that is cheaper.
constexpr char kCipher[] = "TLS_AES_256_GCM_SHA384";

std::string lastError()
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != nullptr ? reason : "the connection ended";
}

/// One for all connections, for as long as the program runs.
SSL_CTX *clientContext()
{
    static SSL_CTX *const context = [] {
        SSL_CTX *made = SSL_CTX_new(TLS_client_method());
        if (made == nullptr || SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION) != 1
            || SSL_CTX_set_ciphersuites(made, kCipher) != 1)
            fail("no TLS: " + lastError());
        SSL_CTX_set_verify(made, SSL_VERIFY_NONE, nullptr);
        SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_read_ahead(made, 1);
        std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
        return made;
    }();
    return context;
}

} // namespace

void Channel::Deleter::operator()(SSL *ssl) const
{
    SSL_free(ssl);
}

Channel::Channel(int descriptor, bool isEncrypted) : m_descriptor(descriptor)
{
    if (!isEncrypted)
        return;
    m_ssl.reset(SSL_new(clientContext()));
    if (!m_ssl || SSL_set_fd(m_ssl.get(), descriptor) != 1 || SSL_connect(m_ssl.get()) != 1)
        fail("no TLS handshake: " + lastError());
}

ssize_t Channel::send(const char *bytes, size_t size)
{
    if (!m_ssl)
        return ::send(m_descriptor, bytes, size, MSG_NOSIGNAL);
    size_t count = 0;
    ERR_clear_error();
    errno = 0;
    return SSL_write_ex(m_ssl.get(), bytes, size, &count) == 1 ? ssize_t(count) : otherwise();
}

ssize_t Channel::receive(char *bytes, size_t size)
{
    if (!m_ssl)
        return ::recv(m_descriptor, bytes, size, 0);
    size_t count = 0;
    ERR_clear_error();
    errno = 0;
    return SSL_read_ex(m_ssl.get(), bytes, size, &count) == 1 ? ssize_t(count) : otherwise();
}

bool Channel::hasPending() const
{
    return m_ssl && SSL_has_pending(m_ssl.get()) == 1;
}

ssize_t Channel::otherwise() const
{
    switch (SSL_get_error(m_ssl.get(), 0)) {
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    default:
        if (errno == 0 || errno == EAGAIN || errno == EINTR)
            errno = EPROTO;
        return -1;
    }
}

} // namespace wireroom::load
