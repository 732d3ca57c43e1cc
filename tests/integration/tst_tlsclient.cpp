// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/chatclient.h"
#include "client-gui/core/pinstore.h"
#include "common/framing/frameencoder.h"
#include "tests/support/scriptedchatserver.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;
using State = ChatClient::State;
using TrustedBy = TlsState::TrustedBy;
using Unknown = ClientTls::Unknown;

Q_DECLARE_METATYPE(wireroom::ClientTls::Unknown)

namespace {

const QByteArray kSecret = "what nobody else may read";

/// A server that echoes what comes over its newest connection, and keeps it.
class Server : public QObject
{
public:
    /// Without one: a server that does not know TLS.
    explicit Server(const std::optional<TestCertificate> &certificate = {})
    {
        tcp.setCertificate(certificate);
        connect(&tcp, &QTcpServer::newConnection, this, [this] {
            socket = tcp.nextPendingConnection();
            ++connections;
            connect(socket, &QTcpSocket::readyRead, this, [this] {
                const QByteArray bytes = socket->readAll();
                received += bytes;
                if (echoes)
                    socket->write(bytes);
            });
            if (!greeting.isEmpty())
                socket->write(greeting);
            if (closes)
                socket->disconnectFromHost();
        });
        tcp.listen(QHostAddress::LocalHost);
    }

    TlsTestServer tcp;
    QTcpSocket *socket = nullptr;
    int connections = 0;
    QByteArray received; ///< decrypted, where it encrypts
    QByteArray greeting;
    bool echoes = true;
    bool closes = false;
};

/// A client that keeps what it reports.
struct Client
{
    Client(quint16 port, const QString &knownServers)
    {
        config.port = port;
        config.tls.emplace();
        config.tls->knownServers = knownServers;
        QObject::connect(&client, &ChatClient::batchReady, &client, [this](const ClientBatch &batch) {
            for (const ClientEvent &event : batch.events) {
                if (const auto *message = std::get_if<MessageReceived>(&event))
                    received << message->payload;
                else if (const auto *note = std::get_if<ClientNote>(&event))
                    notes << note->text;
            }
        });
        QObject::connect(&client, &ChatClient::stateChanged, &client,
                         [this](State state) { hasBegun = hasBegun || state == State::Connecting; });
    }

    bool waitFor(State state)
    {
        return QTest::qWaitFor([&] { return client.state() == state; }, 20'000);
    }

    /// Connects, and ends in that state.
    bool endsIn(State state)
    {
        hasBegun = false;
        client.connectToServer(config);
        return QTest::qWaitFor([&] { return hasBegun && client.state() == state; }, 20'000);
    }

    bool says(const QString &text) const { return client.stateReason().contains(text); }

    ClientConfig config;
    QList<QByteArray> received;
    QStringList notes;
    bool hasBegun = false;
    ChatClient client;
};

} // namespace

#define VERIFY_SAYS(who, text) QVERIFY2((who).says(text), qPrintable((who).client.stateReason()))

class TestTlsClient : public QObject
{
    Q_OBJECT

private:
    TestCertificates m_certificates;
    TestCertificate m_one;
    TestCertificate m_other;
    std::unique_ptr<QTemporaryDir> m_dir;

    QString knownServers() const { return m_dir->filePath(u"known-servers"_s); }

    std::optional<Fingerprint> known(quint16 port) const
    {
        const auto found = PinStore(knownServers()).find({u"127.0.0.1"_s, port});
        return found ? found.value() : std::nullopt;
    }

    void keep(quint16 port, const TestCertificate &certificate) const
    {
        QVERIFY(!PinStore(knownServers())
                     .keep({u"127.0.0.1"_s, port}, Fingerprint::of(certificate.certificate), known(port)));
    }

private Q_SLOTS:

    void initTestCase()
    {
        if (!TestCertificates::isAvailable())
            QSKIP("There is no openssl command to make certificates with: NOTHING WAS TESTED.");
        m_one = m_certificates.selfSigned();
        m_other = m_certificates.selfSigned();
        QVERIFY(!m_one.isNull());
        QVERIFY(!m_other.isNull());
    }

    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        QVERIFY(m_dir->isValid());
    }

    void knowsTheSameAgain_data()
    {
        QTest::addColumn<Unknown>("unknown");
        QTest::newRow("asks") << Unknown::Ask;
        QTest::newRow("takes the first") << Unknown::First;
    }

    void knowsTheSameAgain()
    {
        QFETCH(Unknown, unknown);
        Server server(m_one);
        keep(server.tcp.serverPort(), m_one);
        Client c(server.tcp.serverPort(), knownServers());
        c.config.tls->unknown = unknown;
        QVERIFY(c.endsIn(State::Online));
        QVERIFY(c.client.tls());
        QVERIFY(c.client.tls()->trustedBy == TrustedBy::Known);
        QVERIFY(c.client.tls()->fingerprint == Fingerprint::of(m_one.certificate));
        QCOMPARE(c.client.tls()->protocol, u"TLSv1.3"_s);
        QVERIFY(c.client.tls()->cipher.contains(u"_"_s));

        c.client.send(kSecret);
        QTRY_COMPARE(c.received, QList<QByteArray>{kSecret});
        QVERIFY(server.received.contains(kSecret));
        c.client.disconnectFromServer();
        QVERIFY(c.waitFor(State::Offline));
        QVERIFY(!c.client.tls());
    }

    void carriesMuch()
    {
        Server server(m_one);
        Client c(server.tcp.serverPort(), knownServers());
        c.config.tls->unknown = Unknown::First;
        QVERIFY(c.endsIn(State::Online));
        QByteArray large(3'000'000, Qt::Uninitialized);
        for (qsizetype i = 0; i < large.size(); ++i)
            large[i] = char(i * 31 + i / 251);
        for (int i = 0; i < 3; ++i)
            c.client.send(large);
        QTRY_COMPARE_WITH_TIMEOUT(c.received.size(), 3, 20'000);
        for (const QByteArray &received : c.received)
            QVERIFY(received == large);
    }

    void keepsWhatItSeesFirst()
    {
        Server server(m_one);
        const quint16 port = server.tcp.serverPort();
        Client c(port, knownServers());
        c.config.tls->unknown = Unknown::First;
        QVERIFY(c.endsIn(State::Online));
        QVERIFY(c.client.tls()->trustedBy == TrustedBy::First);
        QVERIFY(known(port) == Fingerprint::of(m_one.certificate));
        QTRY_VERIFY2(c.notes.join(u'\n').contains(Fingerprint::of(m_one.certificate).toString()),
                     qPrintable(c.notes.join(u'\n')));

        c.client.disconnectFromServer();
        QVERIFY(c.waitFor(State::Offline));
        QVERIFY(c.endsIn(State::Online));
        QVERIFY(c.client.tls()->trustedBy == TrustedBy::Known);
    }

    void refusesAChangedOne()
    {
        Server server(m_other);
        const quint16 port = server.tcp.serverPort();
        keep(port, m_one);
        Client c(port, knownServers());
        c.config.tls->unknown = Unknown::First;
        QVERIFY(c.endsIn(State::Offline));
        VERIFY_SAYS(c, u"has changed"_s);
        VERIFY_SAYS(c, Fingerprint::of(m_one.certificate).toString());
        VERIFY_SAYS(c, Fingerprint::of(m_other.certificate).toString());
        QVERIFY(known(port) == Fingerprint::of(m_one.certificate));
        QVERIFY(c.client.config().reconnect);
        QCOMPARE(server.connections, 1);
        QVERIFY(server.received.isEmpty());
    }

    void asksAPersonFirst()
    {
        Server server(m_one);
        const quint16 port = server.tcp.serverPort();
        Client c(port, knownServers());
        QVERIFY(c.endsIn(State::Confirming));
        QVERIFY(c.client.tlsQuestion());
        const TlsQuestion question = *c.client.tlsQuestion();
        QVERIFY(question.fingerprint == Fingerprint::of(m_one.certificate));
        QVERIFY(!question.before);
        QVERIFY2(question.subject.startsWith(u"Wireroom test"_s), qPrintable(question.subject));
        QCOMPARE(question.validFrom.toUTC().date(), QDate(2020, 1, 1));
        QCOMPARE(question.validTo.toUTC().date(), QDate(2049, 12, 31));
        QVERIFY2(question.reason.contains(u"signed by itself"_s), qPrintable(question.reason));
        QVERIFY(!known(port));
        QVERIFY(server.received.isEmpty());

        // Not what was shown.
        c.client.trustCertificate(Fingerprint::of(m_other.certificate));
        std::optional<Result<quint64>> answer;
        c.client.send(kSecret, [&](const auto &result) { answer = result; });
        QTRY_VERIFY(answer);
        QVERIFY(!*answer);
        QCOMPARE(c.client.state(), State::Confirming);
        QVERIFY(!known(port));

        c.client.trustCertificate(question.fingerprint);
        QVERIFY(c.waitFor(State::Online));
        QVERIFY(c.client.tls()->trustedBy == TrustedBy::Known);
        QVERIFY(!c.client.tlsQuestion());
        QVERIFY(known(port) == question.fingerprint);
    }

    void takesNoForAnAnswer()
    {
        Server server(m_one);
        Client c(server.tcp.serverPort(), knownServers());
        QVERIFY(c.endsIn(State::Confirming));
        c.client.disconnectFromServer();
        QVERIFY(c.waitFor(State::Offline));
        QVERIFY(!c.client.tlsQuestion());
        QVERIFY(!QFile::exists(knownServers()));
        QCOMPARE(server.connections, 1);
        // The question is over.
        c.client.trustCertificate(Fingerprint::of(m_one.certificate));
        QVERIFY(c.endsIn(State::Confirming));
        QVERIFY(!QFile::exists(knownServers()));
    }

    void asksAgainWhereItChanged()
    {
        Server server(m_one);
        const quint16 port = server.tcp.serverPort();
        keep(port, m_one);
        Client c(port, knownServers());
        QVERIFY(c.endsIn(State::Online));
        // In the middle of it all: the reconnect does not go round the question.
        server.tcp.setCertificate(m_other);
        server.socket->abort();
        QVERIFY(c.waitFor(State::Confirming));
        QVERIFY(c.client.tlsQuestion()->before == Fingerprint::of(m_one.certificate));
        QVERIFY(c.client.tlsQuestion()->fingerprint == Fingerprint::of(m_other.certificate));
        VERIFY_SAYS(c, u"has changed"_s);
        QVERIFY(known(port) == Fingerprint::of(m_one.certificate));
        const int connections = server.connections;

        c.client.retryNow();
        c.client.trustCertificate(Fingerprint::of(m_other.certificate));
        QVERIFY(c.waitFor(State::Online));
        QCOMPARE(server.connections, connections + 1);
        QVERIFY(known(port) == Fingerprint::of(m_other.certificate));
    }

    void trustsOnlyThePin()
    {
        Server server(m_one);
        Client c(server.tcp.serverPort(), knownServers());
        c.config.tls->pin = Fingerprint::of(m_one.certificate);
        QVERIFY(c.endsIn(State::Online));
        QVERIFY(c.client.tls()->trustedBy == TrustedBy::Pin);
        c.client.disconnectFromServer();
        QVERIFY(c.waitFor(State::Offline));

        // Neither what is known nor what an authority says changes that.
        keep(server.tcp.serverPort(), m_one);
        c.config.tls->pin = Fingerprint::of(m_other.certificate);
        c.config.tls->authorities = {m_one.certificate};
        QVERIFY(c.endsIn(State::Offline));
        VERIFY_SAYS(c, u"not the server that was asked for"_s);
        VERIFY_SAYS(c, Fingerprint::of(m_other.certificate).toString());
        QCOMPARE(server.connections, 2);
        QVERIFY(server.received.isEmpty());
    }

    void refusesOneOutOfItsTime_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("says");
        QTest::newRow("expired") << u"200101000000Z"_s << u"210101000000Z"_s
                                 << u"has expired on 2021-01-01"_s;
        QTest::newRow("not yet") << u"480101000000Z"_s << u"491231000000Z"_s << u"valid from 2048-01-01"_s;
    }

    void refusesOneOutOfItsTime()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, says);
        const TestCertificate certificate = m_certificates.selfSigned(u"IP:127.0.0.1"_s, from, to);
        QVERIFY(!certificate.isNull());
        Server server(certificate);
        const auto refuses = [&](auto change) {
            Client c(server.tcp.serverPort(), knownServers());
            change(*c.config.tls);
            QVERIFY(c.endsIn(State::Offline));
            VERIFY_SAYS(c, says);
        };
        refuses([](ClientTls &) {});
        refuses([](ClientTls &tls) { tls.unknown = Unknown::First; });
        refuses([&](ClientTls &tls) { tls.pin = Fingerprint::of(certificate.certificate); });
        refuses([&](ClientTls &tls) { tls.authorities = {certificate.certificate}; });
        QVERIFY(!QFile::exists(knownServers()));
        keep(server.tcp.serverPort(), certificate);
        refuses([](ClientTls &) {});
        QVERIFY(server.received.isEmpty());
    }

    void trustsAnAuthority()
    {
        const TestCertificate authority = m_certificates.selfSigned(u"DNS:authority.example"_s);
        const TestCertificate good = m_certificates.signedBy(authority, u"DNS:localhost,IP:127.0.0.1"_s);
        const TestCertificate elsewhere = m_certificates.signedBy(authority, u"DNS:elsewhere.example"_s);
        QVERIFY(!good.isNull() && !elsewhere.isNull());
        Server server(good);
        const quint16 port = server.tcp.serverPort();
        for (const QString &host : {u"127.0.0.1"_s, u"localhost"_s}) {
            Client c(port, knownServers());
            c.config.host = host;
            c.config.addresses = {QHostAddress(QHostAddress::LocalHost)};
            c.config.tls->authorities = {authority.certificate};
            QVERIFY(c.endsIn(State::Online));
            QVERIFY(c.client.tls()->trustedBy == TrustedBy::Authority);
        }
        QVERIFY(!QFile::exists(knownServers()));

        // Nobody knows that authority without being told.
        Client c(port, knownServers());
        QVERIFY(c.endsIn(State::Confirming));
        QVERIFY2(c.client.tlsQuestion()->reason.contains(u"authority that this computer does not know"_s),
                 qPrintable(c.client.tlsQuestion()->reason));

        // Properly signed, for somebody else.
        server.tcp.setCertificate(elsewhere);
        Client other(port, knownServers());
        other.config.tls->authorities = {authority.certificate};
        QVERIFY(other.endsIn(State::Confirming));
        QVERIFY2(other.client.tlsQuestion()->reason.contains(u"another name than 127.0.0.1"_s),
                 qPrintable(other.client.tlsQuestion()->reason));
        // A person may know better.
        other.client.trustCertificate(other.client.tlsQuestion()->fingerprint);
        QVERIFY(other.waitFor(State::Online));
        QVERIFY(other.client.tls()->trustedBy == TrustedBy::Known);
    }

    void trustsAPinUnderAnotherName()
    {
        const TestCertificate elsewhere = m_certificates.selfSigned(u"DNS:elsewhere.example"_s);
        Server server(elsewhere);
        Client c(server.tcp.serverPort(), knownServers());
        c.config.tls->pin = Fingerprint::of(elsewhere.certificate);
        QVERIFY(c.endsIn(State::Online));
    }

    void saysWhatANonTlsServerDid_data()
    {
        QTest::addColumn<QByteArray>("greeting");
        QTest::addColumn<bool>("closes");
        QTest::addColumn<QString>("says");
        QTest::newRow("text") << QByteArray("220 mail.example ESMTP\r\n") << false
                              << u"does not speak TLS: it answered “220 mail.example ESMTP␍␊”"_s;
        QTest::newRow("text, and closes") << QByteArray("HTTP/1.1 400 Bad Request\r\n") << true
                                          << u"it answered “HTTP/1.1 400 Bad Request"_s;
        QTest::newRow("steers a terminal") << QByteArray("\x1b[2Jhello") << false << u"“␛[2Jhello”"_s;
        QTest::newRow("bytes") << QByteArray("\xff\xfe\x00\x01\x80", 5) << false << u"“ff fe 00 01 80”"_s;
        QTest::newRow("has it switched off") << QByteArray("\x15\x03\x03\x00\x02\x02\x28", 7) << false
                                             << u"refused the TLS handshake: encryption is off there"_s;
        QTest::newRow("broken TLS") << QByteArray("\x16\x03\x03\x00\x05hello and much more", 24) << false
                                    << u"TLS handshake with 127.0.0.1"_s;
        QTest::newRow("closes") << QByteArray() << true << u"closed the connection instead"_s;
        QTest::newRow("says nothing")
            << QByteArray() << false << u"did not finish the TLS handshake in 0.3 s"_s;
    }

    void saysWhatANonTlsServerDid()
    {
        QFETCH(QByteArray, greeting);
        QFETCH(bool, closes);
        QFETCH(QString, says);
        Server server;
        server.echoes = false;
        server.greeting = greeting;
        server.closes = closes;
        Client c(server.tcp.serverPort(), knownServers());
        c.config.tls->unknown = Unknown::First;
        if (greeting.isEmpty() && !closes)
            c.config.tls->deadline = 300ms;
        QVERIFY(c.endsIn(State::WaitingToRetry));
        VERIFY_SAYS(c, says);
        // It may speak TLS the next time; what it gets is never plain.
        c.client.send(kSecret);
        c.client.retryNow();
        QTRY_COMPARE_WITH_TIMEOUT(server.connections, 2, 20'000);
        c.client.send(kSecret);
        QVERIFY(c.waitFor(State::WaitingToRetry));
        QVERIFY(!server.received.contains(kSecret));
        if (!closes)
            QVERIFY(server.received.startsWith("\x16\x03"));
    }

    void saysThatItWasReset()
    {
        Server server;
        server.echoes = false;
        Client c(server.tcp.serverPort(), knownServers());
        c.client.connectToServer(c.config);
        QTRY_VERIFY(server.socket);
        QTRY_VERIFY(!server.received.isEmpty());
        server.socket->abort();
        QVERIFY(c.waitFor(State::WaitingToRetry));
        VERIFY_SAYS(c, u"closed the connection instead"_s);
    }

    void refusesOldTls()
    {
        Server server(m_one);
        QT_WARNING_PUSH
        QT_WARNING_DISABLE_DEPRECATED
        server.tcp.setProtocol(QSsl::TlsV1_1);
        QT_WARNING_POP
        Client c(server.tcp.serverPort(), knownServers());
        QVERIFY(c.endsIn(State::WaitingToRetry));
        QCOMPARE(server.tcp.handshakes, 0);
        VERIFY_SAYS(c, u"TLS 1.2"_s);
    }

    void takesTls12()
    {
        Server server(m_one);
        server.tcp.setProtocol(QSsl::TlsV1_2);
        Client c(server.tcp.serverPort(), knownServers());
        c.config.tls->unknown = Unknown::First;
        QVERIFY(c.endsIn(State::Online));
        QCOMPARE(c.client.tls()->protocol, u"TLSv1.2"_s);
        c.client.send(kSecret);
        QTRY_COMPARE(c.received, QList<QByteArray>{kSecret});
    }

    void triesTheOtherAddress()
    {
        Server server(m_one);
        Client c(server.tcp.serverPort(), knownServers());
        Server plain;
        plain.closes = true;
        plain.tcp.close();
        if (!plain.tcp.listen(QHostAddress(u"127.0.0.2"_s), server.tcp.serverPort()))
            QSKIP("127.0.0.2 is no address of this machine.");
        c.config.addresses = {QHostAddress(u"127.0.0.2"_s), QHostAddress(u"127.0.0.1"_s)};
        c.config.tls->unknown = Unknown::First;
        QVERIFY(c.endsIn(State::Online));
        QCOMPARE(plain.connections, 1);
        QCOMPARE(c.client.peerAddress(), u"127.0.0.1"_s);
    }

    void believesNoDamagedFile()
    {
        Server server(m_one);
        QFile file(knownServers());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("rubbish\n");
        file.close();
        for (const Unknown unknown : {Unknown::Ask, Unknown::First}) {
            Client c(server.tcp.serverPort(), knownServers());
            c.config.tls->unknown = unknown;
            QVERIFY(c.endsIn(State::Offline));
            VERIFY_SAYS(c, u"known-servers, line 1"_s);
        }
        QVERIFY(server.received.isEmpty());
    }

    void usesNothingThatItCannotKeep()
    {
        Server server(m_one);
        const QString blocked = m_dir->filePath(u"file"_s);
        QFile file(blocked);
        QVERIFY(file.open(QIODevice::WriteOnly));
        for (const Unknown unknown : {Unknown::Ask, Unknown::First}) {
            Client c(server.tcp.serverPort(), blocked + u"/known-servers"_s);
            c.config.tls->unknown = unknown;
            if (unknown == Unknown::Ask) {
                QVERIFY(c.endsIn(State::Confirming));
                c.client.trustCertificate(c.client.tlsQuestion()->fingerprint);
                QVERIFY(c.waitFor(State::Offline));
            } else {
                QVERIFY(c.endsIn(State::Offline));
            }
            VERIFY_SAYS(c, u"cannot be made"_s);
        }
        QVERIFY(server.received.isEmpty());
    }

    void staysPlainWhereNotAsked()
    {
        Server server;
        Client c(server.tcp.serverPort(), knownServers());
        c.config.tls.reset();
        QVERIFY(c.endsIn(State::Online));
        QVERIFY(!c.client.tls());
        c.client.send(kSecret);
        QTRY_VERIFY(server.received.contains(kSecret));
    }

    void chatsExactlyOnceOverCuts()
    {
        ScriptedChatServer server;
        server.plays = true;
        server.setCertificate(m_one);
        QVERIFY(server.listen());
        Client c(server.port(), knownServers());
        c.config.tls->unknown = Unknown::First;
        c.config.chat = ChatIdentity{.name = u"ann"_s, .stateDir = m_dir->filePath(u"state"_s)};
        QList<quint64> seqs;
        QSet<quint64> stored;
        QObject::connect(&c.client, &ChatClient::batchReady, &c.client, [&](const ClientBatch &batch) {
            for (const ClientEvent &event : batch.events) {
                if (const auto *message = std::get_if<ChatMessageReceived>(&event))
                    seqs << message->delivery.seq;
                else if (const auto *state = std::get_if<ChatMessageState>(&event);
                         state && state->state == ChatMessageState::State::Stored)
                    stored << state->ref;
            }
        });
        QVERIFY(c.endsIn(State::Online));
        constexpr int kCuts = 5;
        constexpr int kEach = 40;
        QList<quint64> delivered;
        for (int cut = 0; cut < kCuts; ++cut) {
            for (int i = 0; i < kEach; ++i) {
                c.client.post(chat::Addressees{}, chat::BodyKind::Text, QByteArray::number(cut * kEach + i));
                const auto seq = quint64(cut * kEach + i + 1);
                delivered << seq;
                server.deliver(seq, "to you");
            }
            QTRY_VERIFY_WITH_TIMEOUT(server.posts.size() > size_t(cut * kEach), 20'000);
            QTRY_VERIFY_WITH_TIMEOUT(seqs.size() == delivered.size(), 20'000);
            const int connections = server.connections;
            server.cut();
            QVERIFY(c.waitFor(State::WaitingToRetry));
            c.client.retryNow();
            QVERIFY(server.waitForConnections(connections + 1));
            QVERIFY(c.waitFor(State::Online));
            QVERIFY(c.client.tls()->trustedBy == TrustedBy::Known);
        }
        QTRY_COMPARE_WITH_TIMEOUT(server.posts.size(), size_t(kCuts * kEach), 20'000);
        QTRY_COMPARE_WITH_TIMEOUT(stored.size(), kCuts * kEach, 20'000);
        // Each text once.
        QSet<QByteArray> texts;
        for (const auto &[ref, post] : server.posts)
            texts << post.body;
        QCOMPARE(texts.size(), kCuts * kEach);
        QCOMPARE(seqs, delivered);
        QVERIFY2(server.faults.isEmpty(), qPrintable(server.faults.join(u'\n')));
    }
};

QTEST_GUILESS_MAIN(TestTlsClient)

#include "tst_tlsclient.moc"
