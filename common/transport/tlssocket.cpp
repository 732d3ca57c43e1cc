// SPDX-License-Identifier: Apache-2.0
#include "common/transport/tlssocket.h"

#include "common/transport/openssl.h"
#include "common/transport/tlscontext.h"
#include "common/transport/tlserrors.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What is taken from the descriptor in one call: records of a single byte cost 23 of these and most of a
/// microsecond each.
constexpr qint64 kMostTaken = 128 * 1024;

} // namespace

/// The descriptor, as OpenSSL sees it. What it writes is gathered, to leave in one piece.
struct TlsSocket::Raw
{
    static const BIO_METHOD *method()
    {
        static const BIO_METHOD *const method = [] {
            BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wireroom");
            BIO_meth_set_read_ex(made, &Raw::read);
            BIO_meth_set_write_ex(made, &Raw::write);
            BIO_meth_set_ctrl(made, &Raw::control);
            return made;
        }();
        return method;
    }

    static TlsSocket &socketOf(BIO *bio) { return *static_cast<TlsSocket *>(BIO_get_data(bio)); }

    /// OpenSSL is never told of the end, which would forbid it to encrypt what the peer may still read; nor
    /// is Qt, which would close the socket.
    static int read(BIO *bio, char *bytes, size_t size, size_t *count)
    {
        TlsSocket &socket = socketOf(bio);
        BIO_clear_retry_flags(bio);
        // A broken one's descriptor is closed, and its number may be another's.
        if (socket.m_mayTake > 0 && !socket.m_isCut && !socket.m_isBroken) {
            const Descriptor::Peek got
                = Descriptor::receive(socket.socketDescriptor(), bytes, qsizetype(size));
            if (got.count > 0) {
                // Less than was asked for is all that there is: saves a call of the system.
                socket.m_mayTake = got.count < qsizetype(size) ? 0 : socket.m_mayTake - got.count;
                *count = size_t(got.count);
                return 1;
            }
            socket.m_mayTake = 0;
            socket.m_isCut = got.state == Descriptor::PeekState::Ended;
            socket.m_isBroken = got.state == Descriptor::PeekState::Failed;
        }
        BIO_set_retry_read(bio);
        return 0;
    }

    static int write(BIO *bio, const char *bytes, size_t size, size_t *count)
    {
        socketOf(bio).m_context.outgoing().append(bytes, qsizetype(size));
        *count = size;
        return 1;
    }

    static long control(BIO *, int command, long, void *) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
};

void TlsSocket::Freeing::operator()(ssl_st *ssl) const
{
    SSL_free(ssl);
}

Result<std::unique_ptr<TlsSocket>> TlsSocket::open(Descriptor descriptor, TlsContext &context,
                                                   const TlsIdentity &identity)
{
    std::unique_ptr<TlsSocket> socket(new TlsSocket(context, identity));
    if (!socket->m_ssl)
        return Error{Error::Code::Internal,
                     u"TLS cannot be spoken with this certificate: %1."_s.arg(tlsErrorWords())};
    if (!socket->setSocketDescriptor(descriptor.value(), ConnectedState, ReadWrite | Unbuffered))
        return Error{Error::Code::Internal,
                     u"The connection broke at once: %1."_s.arg(socket->errorString())};
    descriptor.release();
    return socket;
}

TlsSocket::TlsSocket(TlsContext &context, const TlsIdentity &identity)
    : QAbstractSocket(TcpSocket, nullptr), m_context(context)
{
    ssl_ctx_st *const settings = context.settings(identity);
    m_ssl.reset(settings ? SSL_new(settings) : nullptr);
    BIO *const bio = m_ssl ? BIO_new(Raw::method()) : nullptr;
    if (!bio) {
        m_ssl.reset();
        return;
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(m_ssl.get(), bio, bio);
    SSL_set_accept_state(m_ssl.get());
}

TlsSocket::~TlsSocket() = default;

TlsSocket::Handshake TlsSocket::continueHandshake()
{
    m_mayTake = kMostTaken;
    clearTlsErrors();
    const int result = SSL_do_handshake(m_ssl.get());
    const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(m_ssl.get(), result);
    // What went wrong is told to the peer as well.
    sendEncrypted();
    tellAgain();
    if (error == SSL_ERROR_ZERO_RETURN)
        m_isCut = true;
    else if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ)
        fail();
    if (error == SSL_ERROR_NONE && !m_isBroken)
        return Handshake::Done;
    return isOver() ? Handshake::Failed : Handshake::Going;
}

TlsLink TlsSocket::link() const
{
    return {SSL_version(m_ssl.get()) == TLS1_2_VERSION ? u"TLS 1.2"_s : u"TLS 1.3"_s,
            QString::fromLatin1(SSL_get_cipher_name(m_ssl.get()))};
}

void TlsSocket::sendEnd()
{
    if (m_hasFailed || m_isBroken)
        return;
    clearTlsErrors();
    SSL_shutdown(m_ssl.get());
    sendEncrypted();
}

qint64 TlsSocket::bytesAvailable() const
{
    return m_first.size() + SSL_pending(m_ssl.get())
        + (m_hasEnded || m_isCut ? 0 : QAbstractSocket::bytesAvailable());
}

const QByteArray &TlsSocket::peekFirst(qsizetype most)
{
    const qsizetype before = m_first.size();
    m_first.resize(most);
    const qint64 n = decrypt(m_first.data() + before, most - before);
    m_first.truncate(before + std::max<qint64>(n, 0));
    return m_first;
}

qint64 TlsSocket::readData(char *bytes, qint64 size)
{
    if (m_first.isEmpty())
        return decrypt(bytes, size);
    const qint64 taken = std::min<qint64>(size, m_first.size());
    std::copy_n(m_first.constData(), taken, bytes);
    m_first = m_first.sliced(taken);
    m_wasFilled = true;
    return taken;
}

qint64 TlsSocket::decrypt(char *bytes, qint64 size)
{
    qint64 taken = 0;
    m_mayTake = kMostTaken;
    bool isForged = false;
    while (taken < size && !m_hasEnded && !m_hasFailed) {
        size_t count = 0;
        clearTlsErrors();
        if (SSL_read_ex(m_ssl.get(), bytes + taken, size_t(size - taken), &count) == 1) {
            taken += qint64(count);
            continue;
        }
        const int error = SSL_get_error(m_ssl.get(), 0);
        m_hasEnded = error == SSL_ERROR_ZERO_RETURN;
        isForged = !m_hasEnded && error != SSL_ERROR_WANT_READ;
        break;
    }
    // Alerts, and answers to what TLS itself asks for.
    sendEncrypted();
    tellAgain();
    if (isForged)
        fail();
    m_wasFilled = taken > 0 && (taken == size || m_isBroken || m_hasFailed);
    return taken > 0 || !(m_isBroken || m_hasFailed) ? taken : -1;
}

qint64 TlsSocket::writeData(const char *bytes, qint64 size)
{
    if (size == 0)
        return 0;
    size_t count = 0;
    clearTlsErrors();
    if (SSL_write_ex(m_ssl.get(), bytes, size_t(size), &count) != 1) {
        fail();
        return -1;
    }
    return sendEncrypted() ? size : -1;
}

/// False where the connection is broken.
bool TlsSocket::sendEncrypted()
{
    const QByteArrayView bytes = m_context.outgoing();
    if (bytes.isEmpty())
        return true;
    // As Connection::give().
    qsizetype sent = 0;
    if (!m_isBroken && bytesToWrite() == 0)
        sent = std::max<qsizetype>(Descriptor::send(socketDescriptor(), bytes.data(), bytes.size()), 0);
    if (sent < bytes.size())
        m_isBroken |= QAbstractSocket::writeData(bytes.data() + sent, bytes.size() - sent) < 0;
    m_context.clearOutgoing();
    return !m_isBroken;
}

/// By readyRead(), when there is more: Qt has seen nothing of this reading. After the peer's end it would
/// never cease to.
void TlsSocket::tellAgain()
{
    char none = 0;
    if (!m_isCut && !m_hasEnded)
        QAbstractSocket::readData(&none, m_isBroken ? 1 : 0);
}

void TlsSocket::fail()
{
    m_hasFailed = true;
    setSocketError(SslInvalidUserDataError);
    setErrorString(tlsErrorWords());
}

} // namespace wireroom
