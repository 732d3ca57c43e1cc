// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/transport/descriptor.h"
#include "common/transport/tlsgreeting.h"

#include <QAbstractSocket>

#include <memory>

struct bio_st;
struct ssl_st;

namespace wireroom {

class TlsContext;
struct TlsIdentity;

/// The server's side of TLS 1.2 and newer over one TCP connection: a socket without buffers of its own, as
/// Connection::open() gives, with OpenSSL between the descriptor and whoever reads and writes.
///
/// A QSslSocket takes each byte through two buffers more, calls OpenSSL five times a loop turn, not twice,
/// and can only close once the peer has ended its direction: an echo at depth 16 reaches 0.61 of a minimal
/// loop around OpenSSL with it (tests/benchmarks/README.md). It remains the client's, who has certificates to
/// judge.
///
/// Encrypted bytes that the system does not take are bytesToWrite(). read() gives 0 while nothing is there,
/// and after the peer's end, when this side may still send; -1 once the connection is broken. An error() of
/// SslInvalidUserDataError has its errorString() in OpenSSL's words. readyRead() tells of the descriptor
/// alone: after a read() that left hasMore(), read again.
///
/// Owner: whoever opened it. Lives in the thread of its TlsContext, and dies before that.
class TlsSocket final : public QAbstractSocket
{
    Q_OBJECT

public:
    enum class Handshake : quint8 { Going, Done, Failed };

    /// `descriptor` is connected; the handshake is still to come.
    static Result<std::unique_ptr<TlsSocket>> open(Descriptor descriptor, TlsContext &context,
                                                   const TlsIdentity &identity);
    ~TlsSocket() override;

    /// Goes on with it, as far as the peer has come. Of a failure error() tells, as with read().
    Handshake continueHandshake();

    /// Once the handshake is done.
    TlsLink link() const;

    /// The first bytes inside, as far as they have come, `most` of them: read() gives them again. Not after
    /// anything was read. (QIODevice::peek() keeps 16 KiB for as long as the socket lives.)
    const QByteArray &peekFirst(qsizetype most);

    /// More can be read at once, of which readyRead() will not tell.
    bool hasMore() const { return m_wasFilled || !m_first.isEmpty(); }

    /// The peer has said inside TLS that nothing more will come.
    bool hasEnded() const { return m_hasEnded; }

    /// The peer has closed its direction without saying so inside TLS, perhaps not of its own will.
    bool isCut() const { return m_isCut; }

    /// Nothing more will come, be it by an end or a fault.
    bool isOver() const { return m_hasEnded || m_isCut || m_isBroken || m_hasFailed; }

    /// Tells the peer inside TLS that nothing more will come. Once the handshake is done.
    void sendEnd();

    qint64 bytesAvailable() const override;

protected:
    qint64 readData(char *bytes, qint64 size) override;
    qint64 writeData(const char *bytes, qint64 size) override;

private:
    struct Freeing
    {
        void operator()(ssl_st *ssl) const;
    };

    struct Raw;

    TlsSocket(TlsContext &context, const TlsIdentity &identity);
    bool sendEncrypted();
    qint64 decrypt(char *bytes, qint64 size);
    void tellAgain();
    void fail();

    TlsContext &m_context;
    std::unique_ptr<ssl_st, Freeing> m_ssl; ///< null where the context could not be made
    QByteArray m_first;
    qint64 m_mayTake = 0; ///< encrypted bytes from the descriptor, in this call
    bool m_wasFilled = false;
    bool m_hasEnded = false;
    bool m_isCut = false;
    bool m_isBroken = false;  ///< the way is
    bool m_hasFailed = false; ///< nothing can be decrypted any more
};

} // namespace wireroom
