// SPDX-License-Identifier: Apache-2.0
//
// bench_tlsrawserver PORT echo: the least that a server must do to echo over TLS, with one thread, epoll and
// OpenSSL. In each turn it reads all that there is and writes it back at once; it knows nothing of frames.
// Its certificate is made at the start and is in memory only.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr size_t kMostOfARecord = 16 * 1024;
constexpr long kSecondsOfADay = 86'400;

struct Deleter
{
    void operator()(SSL *ssl) const { SSL_free(ssl); }

    void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }

    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }

    void operator()(X509 *certificate) const { X509_free(certificate); }
};

template <typename T> using Owned = std::unique_ptr<T, Deleter>;

[[noreturn]] void giveUp(const char *what)
{
    std::fprintf(stderr, "bench_tlsrawserver: %s\n", what);
    ERR_print_errors_fp(stderr);
    std::exit(1);
}

Owned<X509> certificateFor(EVP_PKEY *key)
{
    Owned<X509> certificate(X509_new());
    X509_NAME *name = certificate ? X509_get_subject_name(certificate.get()) : nullptr;
    const auto *text = reinterpret_cast<const unsigned char *>("localhost");
    if (name == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1
        || ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1) != 1
        || X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0) == nullptr
        || X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kSecondsOfADay) == nullptr
        || X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) != 1
        || X509_set_issuer_name(certificate.get(), name) != 1 || X509_set_pubkey(certificate.get(), key) != 1
        || X509_sign(certificate.get(), key, EVP_sha256()) == 0)
        giveUp("no certificate can be made");
    return certificate;
}

Owned<SSL_CTX> serverContext()
{
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    if (!key)
        giveUp("no key can be made");
    Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1
        || SSL_CTX_use_certificate(context.get(), certificateFor(key.get()).get()) != 1
        || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1)
        giveUp("no TLS context can be made");
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One call of the system for a record instead of two, one for its head and one for the rest.
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_num_tickets(context.get(), 0);
    return context;
}

struct Peer
{
    Owned<SSL> ssl;
    std::string out; ///< what the system did not take
    bool waits = false;
};

class Server
{
public:
    explicit Server(uint16_t port)
        : m_context(serverContext()), m_poll(epoll_create1(0)),
          m_listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0))
    {
        const int on = 1;
        setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(m_listener, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0
            || listen(m_listener, 4096) < 0) {
            std::perror("bench_tlsrawserver");
            std::exit(1);
        }
        watch(m_listener, EPOLLIN, EPOLL_CTL_ADD);
    }

    void run()
    {
        std::array<epoll_event, 512> events;
        for (;;) {
            const int count = epoll_wait(m_poll, events.data(), int(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int descriptor = events[size_t(i)].data.fd;
                if (descriptor == m_listener)
                    accept();
                else
                    turn(descriptor);
            }
        }
    }

private:
    void watch(int descriptor, uint32_t what, int how) const
    {
        epoll_event event{};
        event.events = what;
        event.data.fd = descriptor;
        epoll_ctl(m_poll, how, descriptor, &event);
    }

    void accept()
    {
        for (int descriptor = -1; (descriptor = accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
            const int on = 1;
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (m_peers.size() <= size_t(descriptor))
                m_peers.resize(size_t(descriptor) + 64);
            Peer &peer = m_peers[size_t(descriptor)];
            peer.ssl.reset(SSL_new(m_context.get()));
            if (!peer.ssl || SSL_set_fd(peer.ssl.get(), descriptor) != 1)
                giveUp("no TLS connection can be made");
            SSL_set_accept_state(peer.ssl.get()); // the first reads make the handshake
            watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
        }
    }

    /// Reads all that there is and writes it back; either call may wait for either direction.
    void turn(int descriptor)
    {
        Peer &peer = m_peers[size_t(descriptor)];
        bool waits = false;
        size_t filled = 0;
        do {
            if (m_buffer.size() - filled < kMostOfARecord)
                m_buffer.resize(filled + kMostOfARecord);
            size_t count = 0;
            ERR_clear_error();
            if (SSL_read_ex(peer.ssl.get(), m_buffer.data() + filled, kMostOfARecord, &count) != 1) {
                const int error = SSL_get_error(peer.ssl.get(), 0);
                if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
                    drop(descriptor);
                    return;
                }
                waits = error == SSL_ERROR_WANT_WRITE;
                break;
            }
            filled += count;
        } while (SSL_has_pending(peer.ssl.get()) == 1);
        if (!write(peer, {m_buffer.data(), filled}, waits)) {
            drop(descriptor);
            return;
        }
        if (waits != peer.waits) {
            peer.waits = waits;
            watch(descriptor, waits ? uint32_t(EPOLLIN | EPOLLOUT) : uint32_t(EPOLLIN), EPOLL_CTL_MOD);
        }
    }

    /// False where the connection is over. What cannot be written yet is kept.
    static bool write(Peer &peer, std::string_view bytes, bool &waits)
    {
        std::string joined;
        if (!peer.out.empty()) {
            joined = std::move(peer.out.append(bytes));
            peer.out.clear();
            bytes = joined;
        }
        while (!bytes.empty()) {
            size_t count = 0;
            ERR_clear_error();
            if (SSL_write_ex(peer.ssl.get(), bytes.data(), bytes.size(), &count) != 1) {
                const int error = SSL_get_error(peer.ssl.get(), 0);
                if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
                    return false;
                waits = waits || error == SSL_ERROR_WANT_WRITE;
                peer.out = bytes;
                break;
            }
            bytes.remove_prefix(count);
        }
        return true;
    }

    void drop(int descriptor)
    {
        m_peers[size_t(descriptor)] = {};
        close(descriptor);
    }

    const Owned<SSL_CTX> m_context;
    int m_poll;
    int m_listener;
    std::vector<Peer> m_peers; ///< by descriptor
    std::vector<char> m_buffer;
};

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3 || std::string_view(argv[2]) != "echo") {
        std::fputs("Usage: bench_tlsrawserver PORT echo\n", stderr);
        return 64;
    }
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    Server(uint16_t(std::atoi(argv[1]))).run();
}
