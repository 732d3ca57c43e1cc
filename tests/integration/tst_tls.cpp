// SPDX-License-Identifier: Apache-2.0
#include "tests/support/chatpeer.h"
#include "tests/support/runningserver.h"
#include "tests/support/tlsfiles.h"

#include <QCryptographicHash>
#include <QElapsedTimer>
#include <QFile>
#include <QSslCertificate>
#include <QSslCipher>
#include <QSslConfiguration>
#include <QTemporaryDir>
#include <QTest>

#ifdef Q_OS_UNIX
#include <sys/socket.h>
#endif

#include <utility>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

Q_DECLARE_METATYPE(wireroom::FrameFormat)
Q_DECLARE_METATYPE(wireroom::TlsMode)

namespace {

/// What a TLS 1.3 client says first, but for the extensions: enough to be taken for a handshake.
QByteArray helloThatGoesNoFurther()
{
    return QByteArray::fromHex("1603010200010001fc0303") + QByteArray(40, '\x07');
}

struct Directory
{
    QTemporaryDir dir;
};

/// A server with TLS whose certificate is made in a directory of its own.
class TlsServer : private Directory, public RunningServer
{
public:
    explicit TlsServer(TlsMode mode = TlsMode::Offered)
    {
        config.dataDir = dir.path();
        config.history = ServerConfig::kNoHistory;
        config.tls.mode = mode;
        config.plainPolicy = PlainPolicy::Echo;
    }

    using Directory::dir; // there for as long as the server
};

} // namespace

class TlsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void echoesInEachFormat_data()
    {
        QTest::addColumn<FrameFormat>("spoken");
        QTest::addColumn<FrameFormat>("setTo");
        for (const FrameFormat format : FrameFormat::all()) {
            if (!format.isAuto() && format.kind() != FrameFormat::Stream)
                QTest::addRow("set to %s", qPrintable(format.toString())) << format << format;
        }
        for (const FrameFormat::Kind kind : {FrameFormat::U32LE, FrameFormat::U32BE, FrameFormat::Lines})
            QTest::addRow("%s, detected", qPrintable(FrameFormat(kind).toString()))
                << FrameFormat(kind) << FrameFormat(FrameFormat::Auto);
    }

    void echoesInEachFormat()
    {
        QFETCH(const FrameFormat, spoken);
        QFETCH(const FrameFormat, setTo);
        TlsServer run;
        run.config.format = setTo;
        QVERIFY(run.start());
        Peer peer(spoken, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.send("hello");
        peer.send("again, and longer");
        QVERIFY(peer.waitForFrames(2));
        QCOMPARE(peer.frames, (QList<QByteArray>{"hello", "again, and longer"}));
        QVERIFY(run.waitFor<ClientSecured>());
        QCOMPARE(run.last<ClientSecured>()->tls.protocol, u"TLS 1.3"_s);
        QCOMPARE(run.last<ClientSecured>()->tls.cipher, peer.tls->sessionCipher().name());
        if (setTo.isAuto()) {
            QVERIFY(run.waitFor<ClientFormatKnown>());
            QVERIFY(run.last<ClientFormatKnown>()->format == spoken);
            QVERIFY(run.last<ClientFormatKnown>()->detected);
        }
    }

    void servesPlainBesides()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer plain;
        Peer secured(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(plain.connectTo(run.port()));
        QVERIFY(secured.connectTo(run.port()));
        plain.send("plain");
        secured.send("secured");
        QVERIFY(plain.waitForFrames(1));
        QVERIFY(secured.waitForFrames(1));
        QVERIFY(run.waitFor<ClientFormatKnown>(2));
        QCOMPARE(run.all<ClientSecured>().size(), size_t(1));
        std::optional<std::vector<ClientSnapshot>> clients;
        run.server.listClients([&](const auto &result) { clients = result.value(); });
        QTRY_VERIFY(clients.has_value());
        QCOMPARE(clients->size(), size_t(2));
        for (const ClientSnapshot &client : *clients)
            QCOMPARE(bool(client.client.tls), client.client.port == secured.socket.localPort());
    }

    void tellsItsFingerprint()
    {
        TlsServer run;
        QVERIFY(run.start());
        QVERIFY(run.waitFor<TlsReady>());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        const QByteArray digest = peer.tls->peerCertificate().digest(QCryptographicHash::Sha256);
        QCOMPARE(run.last<TlsReady>()->fingerprint.remove(u':').toLower(),
                 QString::fromLatin1(digest.toHex()));
        QCOMPARE(run.last<TlsReady>()->validUntil, peer.tls->peerCertificate().expiryDate());
        QVERIFY(run.last<TlsReady>()->mode == TlsMode::Offered);
    }

    void presentsTheFilesThatAreNamed_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("EC") << int(test::TlsFiles::Kind::Ec);
        QTest::newRow("RSA") << int(test::TlsFiles::Kind::Rsa);
    }

    void presentsTheFilesThatAreNamed()
    {
        QFETCH(const int, kind);
        TlsServer run;
        const auto files = test::TlsFiles::make(test::TlsFiles::Kind(kind));
        const auto voucher = test::TlsFiles::make();
        run.config.tls.certificateFile = run.dir.filePath(u"c.pem"_s);
        run.config.tls.keyFile = run.dir.filePath(u"k.pem"_s);
        test::writeFile(run.config.tls.certificateFile, files.certificate + voucher.certificate);
        test::writeFile(run.config.tls.keyFile, files.key);
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        const auto chain = QSslCertificate::fromData(files.certificate + voucher.certificate);
        QCOMPARE(peer.tls->peerCertificateChain(), chain);
        QVERIFY(!QFile::exists(run.dir.filePath(u"tls-key.pem"_s)));
    }

    void doesNotStartWithoutAKey_data()
    {
        QTest::addColumn<TlsMode>("mode");
        QTest::addColumn<QString>("certificate");
        QTest::addColumn<QString>("key");
        QTest::addColumn<bool>("hasDataDir");
        QTest::addColumn<QString>("says");
        for (const TlsMode mode : {TlsMode::Offered, TlsMode::Required}) {
            const QByteArray name = toString(mode).toLatin1();
            QTest::addRow("%s, missing", name.constData())
                << mode << u"/no/such/c.pem"_s << u"/no/such/k.pem"_s << true << u"is not there"_s;
            QTest::addRow("%s, no key named", name.constData())
                << mode << u"/no/such/c.pem"_s << QString() << true << u"without its key"_s;
            QTest::addRow("%s, nowhere to make one", name.constData())
                << mode << QString() << QString() << false << u"TLS needs a certificate"_s;
        }
    }

    void doesNotStartWithoutAKey()
    {
        QFETCH(const TlsMode, mode);
        QFETCH(const QString, certificate);
        QFETCH(const QString, key);
        QFETCH(const bool, hasDataDir);
        QFETCH(const QString, says);
        TlsServer run(mode);
        run.config.tls.certificateFile = certificate;
        run.config.tls.keyFile = key;
        if (!hasDataDir)
            run.config.dataDir.clear();
        QVERIFY(!run.start());
        const Error error = run.last<ServerFailed>()->error;
        QVERIFY2(error.text.contains(says), qPrintable(error.text));
        QVERIFY(error.code == Error::Code::BadInput);
    }

    void isOfferedWhereThereIsADataDirectory()
    {
        QTemporaryDir dir;
        RunningServer run;
        run.config.history = ServerConfig::kNoHistory;
        QVERIFY(run.start());
        QVERIFY(run.waitFor<ServerListening>());
        QVERIFY(!run.last<TlsReady>());
        QVERIFY(run.stop());
        run.config.dataDir = dir.path();
        QVERIFY(run.start());
        QVERIFY(run.waitFor<TlsReady>());
        QVERIFY(run.last<TlsReady>()->mode == TlsMode::Offered);
    }

    void refusesTlsWhereItIsOff()
    {
        TlsServer run(TlsMode::Off);
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        peer.tls->connectToHostEncrypted(u"127.0.0.1"_s, run.port());
        QVERIFY(peer.waitForEnd());
        QVERIFY2(peer.tls->errorString().contains("handshake failure"_L1),
                 qPrintable(peer.tls->errorString()));
        QVERIFY(run.waitFor<PeerRefused>());
        QVERIFY(run.last<PeerRefused>()->reason.contains("does not offer"_L1));
        QVERIFY(!QFile::exists(run.dir.filePath(u"tls-key.pem"_s)));
    }

    void chatsInside()
    {
        TlsServer run(TlsMode::Required);
        run.config.history.clear();
        QVERIFY(run.start());
        ChatPeer ada(Peer::Tls::Yes);
        ChatPeer bob(Peer::Tls::Yes);
        QVERIFY(ada.join(run.port(), u"Ada"_s));
        QVERIFY(bob.join(run.port(), u"Bob"_s));
        ada.post(1, std::vector{bob.id()}, "psst");
        QVERIFY(ada.waitFor<chat::Stored>());
        QVERIFY(bob.waitFor<chat::Delivery>());
        QCOMPARE(bob.delivered(), QList<QByteArray>{"psst"});
        QVERIFY(run.waitFor<ClientSecured>(2));
    }

    void requiredRefusesPlainInItsOwnWords()
    {
        TlsServer run(TlsMode::Required);
        QVERIFY(run.start());
        Peer lines(FrameFormat::Lines);
        QVERIFY(lines.connectTo(run.port()));
        lines.send("hello");
        QVERIFY(lines.waitForEnd());
        QCOMPARE(lines.frames.size(), 1);
        QVERIFY2(lines.frames.first().contains("Connect with TLS"), lines.frames.first().constData());

        ChatPeer chat;
        QVERIFY(chat.peer.connectTo(run.port()));
        chat.send(chat::Hello{chat::kVersion, u"Ada"_s, {}, 0, {}});
        const auto refused = chat.waitFor<chat::Refused>();
        QVERIFY(refused);
        QCOMPARE(refused->code, chat::refusal::TlsRequired);
        QVERIFY(chat.waitForEnd());

        Peer frames;
        QVERIFY(frames.connectTo(run.port()));
        frames.send("hello");
        QVERIFY(frames.waitForEnd());
        QCOMPARE(frames.raw, QByteArray());
        QVERIFY(run.waitFor<PeerRefused>(3));
        for (const PeerRefused &peer : run.all<PeerRefused>())
            QVERIFY2(peer.reason.contains("encrypted"_L1), qPrintable(peer.reason));
        QVERIFY(run.received().isEmpty());
    }

    void requiredSaysNothingToTheUnencrypted()
    {
        TlsServer run(TlsMode::Required);
        run.config.plainPolicy = PlainPolicy::Relay;
        run.config.tls.handshakeDeadline = 1500ms;
        QVERIFY(run.start());
        Peer silent;
        Peer begun;
        QVERIFY(silent.connectTo(run.port()));
        QVERIFY(begun.connectTo(run.port()));
        begun.sendRaw(helloThatGoesNoFurther());
        Peer listener(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(listener.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientConnected>(3));
        Peer speaker(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(speaker.connectTo(run.port()));
        speaker.send("secret");
        QVERIFY(listener.waitForFrames(1));
        const auto report = run.send(u"all"_s, "from the operator");
        QVERIFY(report);
        QCOMPARE(report.value().sent.size(), size_t(2));
        const auto single = run.send(u"1"_s, "to the silent one");
        QVERIFY(single);
        QVERIFY(single.value().sent.empty());
        QCOMPARE(single.value().failed.front().second, u"It is not encrypted yet."_s);
        QVERIFY(listener.waitForFrames(2));
        QVERIFY(silent.waitForEnd());
        QVERIFY(begun.waitForEnd());
        QCOMPARE(silent.raw, QByteArray());
        // A server's part of a handshake begins with a record of type 22, an alert with 21.
        QVERIFY2(begun.raw.isEmpty() || begun.raw.startsWith('\x15') || begun.raw.startsWith('\x16'),
                 begun.raw.toHex().constData());
        QVERIFY(!begun.raw.contains("secret") && !begun.raw.contains("operator"));
    }

    void writesToASilentPeerInside()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientSecured>());
        const auto report = run.send(u"1"_s, "good morning");
        QVERIFY(report);
        QCOMPARE(report.value().sent.size(), size_t(1));
        QVERIFY(peer.waitForFrames(1));
        QCOMPARE(peer.frames, QList<QByteArray>{"good morning"});
        peer.send("and to you");
        QVERIFY(peer.waitForFrames(2));
    }

    void detectsABroadcastListenerInside()
    {
        // What is for everyone waits until a new peer's first words, inside TLS as well.
        TlsServer run;
        run.config.plainPolicy = PlainPolicy::Relay;
        QVERIFY(run.start());
        Peer big(FrameFormat::U32BE, Peer::Tls::Yes);
        Peer speaker(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(speaker.connectTo(run.port()));
        speaker.send("one");
        QVERIFY(run.waitFor<MessagePassed>());
        QVERIFY(big.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientSecured>(2));
        speaker.send("two");
        big.send("mine");
        QVERIFY(big.waitForFrames(1));
        QCOMPARE(big.frames.first(), QByteArray("two"));
    }

    void splitsDoNotMatter()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32BE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        // Each byte in a TLS record of its own.
        const QByteArray frame = encodeFrame(FrameFormat::U32BE, "byte by byte");
        for (const char byte : frame) {
            peer.sendRaw(QByteArray(1, byte));
            QCoreApplication::processEvents();
        }
        QVERIFY(peer.waitForFrames(1));
        QCOMPARE(peer.frames, QList<QByteArray>{"byte by byte"});
        QVERIFY(run.waitFor<ClientFormatKnown>());
        QVERIFY(run.last<ClientFormatKnown>()->format == FrameFormat::U32BE);
    }

    void refusesWhatNobodyUnderstandsInside()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw(QByteArray::fromHex("deadbeefdeadbeef"));
        QVERIFY(peer.waitForEnd());
        QVERIFY(run.waitFor<PeerRefused>());
        QVERIFY2(run.last<PeerRefused>()->reason.contains("No format fits"_L1),
                 qPrintable(run.last<PeerRefused>()->reason));
    }

    void refusesTlsInsideTls()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw(helloThatGoesNoFurther());
        QVERIFY(peer.waitForEnd());
        QVERIFY(run.waitFor<PeerRefused>());
        QVERIFY(run.last<PeerRefused>()->reason.contains("TLS inside TLS"_L1));
    }

    void refusesAFrameOverTheLimitInside()
    {
        TlsServer run;
        run.config.format = FrameFormat::U32LE;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.send("fine");
        QVERIFY(peer.waitForFrames(1));
        peer.sendRaw(QByteArray::fromHex("ffffffff"));
        QVERIFY(peer.waitForEnd());
        QVERIFY(run.waitFor<PeerRefused>());
    }

    void speaksOnlyNewVersions_data()
    {
        QTest::addColumn<QSsl::SslProtocol>("protocol");
        QTest::addColumn<QString>("name");
        QTest::newRow("TLS 1.2") << QSsl::TlsV1_2 << u"TLS 1.2"_s;
        QTest::newRow("TLS 1.3") << QSsl::TlsV1_3 << u"TLS 1.3"_s;
    }

    void speaksOnlyNewVersions()
    {
        QFETCH(const QSsl::SslProtocol, protocol);
        QFETCH(const QString, name);
        TlsServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        peer.tls->setProtocol(protocol);
        QVERIFY(peer.connectTo(run.port()));
        QVERIFY(peer.tls->sessionProtocol() == protocol);
        peer.send("x");
        QVERIFY(peer.waitForFrames(1));
        QVERIFY(run.waitFor<ClientSecured>());
        QCOMPARE(run.last<ClientSecured>()->tls.protocol, name);
    }

    void refusesOldVersions()
    {
        TlsServer run;
        QVERIFY(run.start());
        // A ClientHello as TLS 1.1 wrote it: version 3.2, one cipher suite, no extensions.
        Peer peer;
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw(QByteArray::fromHex("160302002d010000290302") + QByteArray(32, '\x2a')
                     + QByteArray::fromHex("000002002f0100"));
        QVERIFY(peer.waitForEnd());
        QVERIFY(run.waitFor<PeerRefused>());
        QVERIFY2(run.last<PeerRefused>()->reason.contains("unsupported protocol"_L1),
                 qPrintable(run.last<PeerRefused>()->reason));
        // protocol_version
        QCOMPARE(peer.raw.right(1), QByteArray("\x46"));
    }

    void carriesBigMessages()
    {
        TlsServer run;
        run.config.maxPayloadBytes = 64 * 1024 * 1024;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        QByteArray big(20'000'000, Qt::Uninitialized);
        for (qsizetype i = 0; i < big.size(); ++i)
            big[i] = char(i * 31 + i / 65'536);
        peer.send("small");
        peer.send(big);
        peer.send("small again");
        QVERIFY(peer.waitForFrames(3));
        QVERIFY(peer.frames[1] == big);
        QCOMPARE(peer.frames[2], QByteArray("small again"));
    }

    void losesNothingThatCameBeforeTheEnd_data()
    {
        QTest::addColumn<bool>("politely");
        QTest::newRow("TLS ended") << true;
        QTest::newRow("cut") << false;
    }

    void losesNothingThatCameBeforeTheEnd()
    {
        QFETCH(const bool, politely);
        TlsServer run;
        run.config.plainPolicy = PlainPolicy::None;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        constexpr int kCount = 200;
        for (int i = 0; i < kCount; ++i)
            peer.send(QByteArray(20'000, char('a' + i % 26)));
        // Qt's own closing does not wait for what is encrypted and not sent.
        QTRY_COMPARE(peer.tls->encryptedBytesToWrite() + peer.tls->bytesToWrite(), 0);
        if (politely)
            peer.socket.disconnectFromHost();
        else
            QVERIFY(peer.endSending());
        QVERIFY(run.waitFor<ClientDisconnected>());
        const QList<QByteArray> received = run.received();
        QCOMPARE(received.size(), kCount);
        for (int i = 0; i < kCount; ++i)
            QVERIFY(received[i] == QByteArray(20'000, char('a' + i % 26)));
        QCOMPARE(run.last<ClientDisconnected>()->reason, u"The other side closed the connection."_s);
    }

    void tellsAnEndInsideTls()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.send("x");
        QVERIFY(peer.waitForFrames(1));
        QStringList errors;
        connect(peer.tls, &QSslSocket::errorOccurred, peer.tls, [&] { errors << peer.tls->errorString(); });
        run.server.disconnectClients(Recipients::parse(u"all"_s).value());
        QVERIFY(peer.waitForEnd());
        QVERIFY2(errors.contains(u"The TLS/SSL connection has been closed"_s),
                 qPrintable(errors.join(u", "_s)));
    }

    void streamCarriesOneMessageInside()
    {
        TlsServer run;
        run.config.format = FrameFormat::Stream;
        run.config.plainPolicy = PlainPolicy::None;
        QVERIFY(run.start());
        Peer peer(FrameFormat::Stream, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw("all that ");
        peer.sendRaw("there is");
        peer.socket.disconnectFromHost();
        QVERIFY(run.waitFor<MessagePassed>());
        QCOMPARE(run.received(), QList<QByteArray>{"all that there is"});
        QVERIFY(run.waitFor<ClientDisconnected>());
        QCOMPARE(run.last<ClientDisconnected>()->reason, u"The other side closed the connection."_s);
    }

    void streamThatIsCutIsSaidToBe()
    {
        TlsServer run;
        run.config.format = FrameFormat::Stream;
        run.config.plainPolicy = PlainPolicy::None;
        QVERIFY(run.start());
        Peer peer(FrameFormat::Stream, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw("all that there");
        QTRY_COMPARE(peer.tls->encryptedBytesToWrite() + peer.tls->bytesToWrite(), 0);
        QVERIFY(peer.endSending());
        QVERIFY(run.waitFor<ClientDisconnected>());
        QCOMPARE(run.received(), QList<QByteArray>{"all that there"});
        QVERIFY2(run.last<ClientDisconnected>()->reason.contains("may be cut"_L1),
                 qPrintable(run.last<ClientDisconnected>()->reason));
    }

    void endsAtOnceAfterTheFirstBytes_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QString>("reason");
        QTest::newRow("nothing") << QByteArray() << QByteArray()
                                 << u"The other side closed the connection without a word."_s;
        QTest::newRow("a short line")
            << QByteArray("hi\n") << QByteArray("hi") << u"The other side closed the connection."_s;
        QTest::newRow("too little to tell") << QByteArray("\x05", 1) << QByteArray() << u"too few to tell"_s;
        QTest::newRow("a frame") << encodeFrame(FrameFormat::U32LE, "frame") << QByteArray("frame")
                                 << u"The other side closed the connection."_s;
    }

    void endsAtOnceAfterTheFirstBytes()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QByteArray, message);
        QFETCH(const QString, reason);
        for (const bool politely : {true, false}) {
            TlsServer run;
            QVERIFY(run.start());
            Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
            QVERIFY(peer.connectTo(run.port()));
            peer.sendRaw(bytes);
            QTRY_COMPARE(peer.tls->encryptedBytesToWrite() + peer.tls->bytesToWrite(), 0);
            if (politely)
                peer.socket.disconnectFromHost();
            else
                QVERIFY(peer.endSending());
            QVERIFY(run.waitFor<ClientDisconnected>());
            QCOMPARE(run.received(), message.isEmpty() ? QList<QByteArray>() : QList<QByteArray>{message});
            QVERIFY2(run.last<ClientDisconnected>()->reason.contains(reason),
                     qPrintable(run.last<ClientDisconnected>()->reason));
        }
    }

    void answersAfterTheEnd_data()
    {
        QTest::addColumn<QSsl::SslProtocol>("protocol");
        QTest::addColumn<FrameFormat>("format");
        QTest::addColumn<int>("count");
        for (const auto &[name, protocol] :
             {std::pair("TLS 1.2", QSsl::TlsV1_2), std::pair("TLS 1.3", QSsl::TlsV1_3)}) {
            QTest::addRow("%s, one message", name) << protocol << FrameFormat(FrameFormat::Stream) << 1;
            QTest::addRow("%s, a frame", name) << protocol << FrameFormat(FrameFormat::U32LE) << 1;
            // More than the system holds, so that most of the answers wait when the end comes.
            QTest::addRow("%s, many frames", name) << protocol << FrameFormat(FrameFormat::U32LE) << 400;
        }
    }

    void answersAfterTheEnd()
    {
        QFETCH(const QSsl::SslProtocol, protocol);
        QFETCH(const FrameFormat, format);
        QFETCH(const int, count);
        TlsServer run;
        run.config.format = format;
        run.config.messageFeed = MessageFeed::None;
        QVERIFY(run.start());
        Peer peer(format, Peer::Tls::Yes);
        peer.tls->setProtocol(protocol);
        QVERIFY(peer.connectTo(run.port()));
        peer.stopReading();
        const QByteArray message(format == FrameFormat::Stream ? 2'000'000 : 20'000, 'e');
        for (int i = 0; i < count; ++i)
            peer.send(message);
        QTRY_COMPARE_WITH_TIMEOUT(peer.tls->encryptedBytesToWrite() + peer.tls->bytesToWrite(), 0, 10'000);
        // Of TCP alone: inside TLS nothing is said.
        QVERIFY(peer.endSending());
        peer.readAgain();
        QVERIFY(peer.waitForEnd());
        if (format == FrameFormat::Stream)
            QVERIFY(peer.raw == message);
        else
            QCOMPARE(peer.frames, QList<QByteArray>(count, message));
    }

#ifdef Q_OS_UNIX
    void seesAResetInEachStage_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("isOpen");
        QTest::newRow("before a word") << QByteArray() << false;
        QTest::newRow("amid the first ones") << QByteArray("\x05", 1) << false;
        QTest::newRow("after a frame") << encodeFrame(FrameFormat::U32LE, "x") << true;
    }

    void seesAResetInEachStage()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const bool, isOpen);
        TlsServer run;
        run.config.idleDeadline = 1h;
        run.config.helloDeadline = 1h;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.sendRaw(bytes);
        QTRY_COMPARE(peer.tls->encryptedBytesToWrite() + peer.tls->bytesToWrite(), 0);
        if (isOpen)
            QVERIFY(peer.waitForFrames(1));
        const linger reset{1, 0};
        QVERIFY(::setsockopt(int(peer.socket.socketDescriptor()), SOL_SOCKET, SO_LINGER, &reset, sizeof reset)
                == 0);
        peer.socket.abort();
        QVERIFY(run.waitFor<ClientDisconnected>());
    }
#endif

    void recordsOfOneByteAreFramesAllTheSame()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        const QByteArray bytes = encodeFrame(FrameFormat::U32LE, QByteArray(3'000, 'r')).repeated(3);
        for (const char byte : bytes)
            peer.sendRaw(QByteArray(1, byte));
        QVERIFY(peer.waitForFrames(3));
        QCOMPARE(peer.frames, QList<QByteArray>(3, QByteArray(3'000, 'r')));
    }

    void keepsNothingToResume()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        int tickets = 0;
        connect(peer.tls, &QSslSocket::newSessionTicketReceived, peer.tls, [&] { ++tickets; });
        QVERIFY(peer.connectTo(run.port()));
        peer.send("x");
        QVERIFY(peer.waitForFrames(1));
        QCOMPARE(tickets, 0);
        QVERIFY(peer.tls->sslConfiguration().sessionTicket().isEmpty());
    }

    void writesAStreamMessageAndEnds()
    {
        TlsServer run;
        run.config.format = FrameFormat::Stream;
        QVERIFY(run.start());
        Peer peer(FrameFormat::Stream, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientSecured>());
        const QByteArray text(1'000'000, 's');
        QVERIFY(run.send(u"1"_s, text));
        QVERIFY(peer.waitForEnd());
        QVERIFY(peer.raw == text);
    }

    void aSlowReaderIsBounded()
    {
        TlsServer run;
        run.config.plainPolicy = PlainPolicy::Relay;
        run.config.maxQueueBytes = 2 * 1024 * 1024;
        run.config.messageFeed = MessageFeed::None;
        QVERIFY(run.start());
        Peer slow(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(slow.connectTo(run.port()));
        slow.send("here");
        QVERIFY(run.waitFor<ClientFormatKnown>());
        slow.stopReading();
        Peer speaker(FrameFormat::U32LE, Peer::Tls::Yes);
        Peer other(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(other.connectTo(run.port()));
        QVERIFY(speaker.connectTo(run.port()));
        other.send("here too");
        QVERIFY(run.waitFor<ClientFormatKnown>(2));
        const QByteArray message(100'000, 'm');
        quint64 highest = 0;
        int sent = 0;
        while (!run.last<ClientDisconnected>() && sent < 600) {
            speaker.send(message);
            ++sent;
            QVERIFY(QTest::qWaitFor(
                [&] { return other.frames.size() >= sent || run.last<ClientDisconnected>().has_value(); },
                10'000));
            for (const auto &[id, counters] : run.counters)
                highest = std::max(highest, counters.queuedBytes);
        }
        QVERIFY(run.waitFor<ClientDisconnected>());
        QCOMPARE(run.last<ClientDisconnected>()->id, ClientId(1));
        QVERIFY2(run.last<ClientDisconnected>()->reason.contains("slow reader"_L1),
                 qPrintable(run.last<ClientDisconnected>()->reason));
        QVERIFY2(highest > 0 && highest <= run.config.maxQueueBytes + 2 * quint64(message.size()),
                 qPrintable(QString::number(highest)));
        QCOMPARE(run.last<ClientDisconnected>().has_value(), true);
    }

    void anEchoThatIsNotReadStopsReading()
    {
        TlsServer run;
        run.config.messageFeed = MessageFeed::None;
        QVERIFY(run.start());
        Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(peer.connectTo(run.port()));
        peer.stopReading();
        constexpr int kCount = 300;
        const QByteArray message(100'000, 'e');
        for (int i = 0; i < kCount; ++i)
            peer.send(message);
        // It stands still: the server does not read on, nor drop it.
        QVERIFY(QTest::qWaitFor(
            [&] {
                const auto it = run.counters.find(1);
                return it != run.counters.end() && it->second.queuedBytes > 0;
            },
            10'000));
        QVERIFY(peer.tls->encryptedBytesToWrite() + peer.tls->bytesToWrite() > 0);
        QVERIFY(!run.last<ClientDisconnected>());
        peer.readAgain();
        QVERIFY(peer.waitForFrames(kCount));
        QVERIFY(peer.frames.last() == message);
    }

    void garbageInTheHandshakeDropsNobodyElse_data()
    {
        QTest::addColumn<QByteArray>("garbage");
        QTest::addColumn<bool>("isRefused");
        QTest::newRow("noise behind a hello") << helloThatGoesNoFurther() + QByteArray(2000, '\xff') << true;
        QTest::newRow("a hello of nonsense")
            << QByteArray::fromHex("16030100280100002403030000000000000000000000000000000000000000000000"
                                   "000000000000000000ffffffff")
            << true;
        // It goes of itself.
        QTest::newRow("an alert behind it")
            << helloThatGoesNoFurther() + QByteArray::fromHex("15030300020228") << false;
        QTest::newRow("a huge record")
            << QByteArray::fromHex("160301ffff01fffffb0303") + QByteArray(70'000, '\0') << true;
    }

    void garbageInTheHandshakeDropsNobodyElse()
    {
        QFETCH(const QByteArray, garbage);
        QFETCH(const bool, isRefused);
        TlsServer run;
        QVERIFY(run.start());
        std::vector<std::unique_ptr<Peer>> live;
        for (int i = 0; i < 100; ++i) {
            live.push_back(
                std::make_unique<Peer>(FrameFormat::U32LE, i % 2 ? Peer::Tls::Yes : Peer::Tls::No));
            QVERIFY(live.back()->connectTo(run.port()));
            live.back()->send("before");
        }
        for (int round = 0; round < 5; ++round) {
            Peer broken;
            QVERIFY(broken.connectTo(run.port()));
            broken.sendRaw(garbage);
            broken.socket.disconnectFromHost();
            QVERIFY(broken.waitForEnd());
        }
        QVERIFY(run.waitFor<ClientDisconnected>(5));
        QCOMPARE(run.all<PeerRefused>().size(), size_t(isRefused ? 5 : 0));
        for (const auto &peer : live) {
            peer->send("after");
            QVERIFY(peer->waitForFrames(2));
        }
        QCOMPARE(run.all<ClientDisconnected>().size(), size_t(5));
        QCOMPARE(run.totals.clients, quint64(100));
    }

    void garbageInsideDropsItsSenderAlone()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer good(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(good.connectTo(run.port()));
        Peer broken(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(broken.connectTo(run.port()));
        broken.send("fine so far");
        QVERIFY(broken.waitForFrames(1));
        // Past the encryption: no record that its key made.
        const Descriptor raw = Descriptor::duplicate(broken.socket.socketDescriptor());
        const QByteArray forged = QByteArray::fromHex("1703030020") + QByteArray(32, '\x11');
        QCOMPARE(raw.send(forged.constData(), forged.size()), forged.size());
        QVERIFY(broken.waitForEnd());
        QVERIFY(run.waitFor<ClientDisconnected>());
        good.send("and on");
        QVERIFY(good.waitForFrames(1));
        QCOMPARE(run.all<ClientDisconnected>().size(), size_t(1));
        QTRY_COMPARE(run.received(), (QList<QByteArray>{"fine so far", "and on"}));
    }

    void stalledHandshakesAreCut()
    {
        TlsServer run;
        run.config.tls.handshakeDeadline = 300ms;
        QVERIFY(run.start());
        Peer stalled;
        QVERIFY(stalled.connectTo(run.port()));
        stalled.sendRaw(helloThatGoesNoFurther());
        QVERIFY(stalled.waitForEnd());
        QVERIFY(run.waitFor<PeerRefused>());
        QVERIFY2(run.last<PeerRefused>()->reason.contains("was not done"_L1),
                 qPrintable(run.last<PeerRefused>()->reason));
        QVERIFY(!run.last<ClientSecured>());
    }

    void brokenHandshakesBlockNobody_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<bool>("stalled");
        QTest::newRow("40 broken") << 40 << false;
        QTest::newRow("400 broken") << 400 << false;
        QTest::newRow("40 stalled") << 40 << true;
        QTest::newRow("400 stalled") << 400 << true;
    }

    void brokenHandshakesBlockNobody()
    {
        QFETCH(const int, count);
        QFETCH(const bool, stalled);
        TlsServer run;
        // None of the stalled ones is cut meanwhile.
        run.config.tls.handshakeDeadline = 60s;
        QVERIFY(run.start());
        std::vector<std::unique_ptr<Peer>> broken;
        for (int i = 0; i < count; ++i) {
            broken.push_back(std::make_unique<Peer>());
            QVERIFY(broken.back()->connectTo(run.port()));
            broken.back()->sendRaw(helloThatGoesNoFurther()
                                   + (stalled ? QByteArray() : QByteArray(600, '\xff')));
        }
        QVERIFY(run.waitFor<ClientConnected>(size_t(count)));
        if (!stalled)
            QVERIFY(run.waitFor<PeerRefused>(size_t(count)));
        Peer good(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(good.connectTo(run.port()));
        good.send("at once");
        QVERIFY(good.waitForFrames(1));
    }

    void stopsWhileHandshakesGoOn()
    {
        TlsServer run;
        run.config.tls.maxHandshakesPerAddress = 3;
        QVERIFY(run.start());
        std::vector<std::unique_ptr<Peer>> stalled;
        for (int i = 0; i < 10; ++i) {
            stalled.push_back(std::make_unique<Peer>());
            QVERIFY(stalled.back()->connectTo(run.port()));
            stalled.back()->sendRaw(helloThatGoesNoFurther());
        }
        Peer inside(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(run.waitFor<ClientConnected>(10));
        inside.tls->connectToHostEncrypted(u"127.0.0.1"_s, run.port());
        QVERIFY(run.waitFor<ClientConnected>(11));
        QVERIFY(run.stop());
        for (const auto &peer : stalled)
            QVERIFY(peer->waitForEnd());
        QVERIFY(inside.waitForEnd());
        // And again, with none of it left.
        QVERIFY(run.start());
        Peer good(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(good.connectTo(run.port()));
    }

    void kicksPeersInEachStage()
    {
        TlsServer run;
        QVERIFY(run.start());
        Peer stalled;
        QVERIFY(stalled.connectTo(run.port()));
        stalled.sendRaw(helloThatGoesNoFurther());
        Peer silent(FrameFormat::U32LE, Peer::Tls::Yes);
        QVERIFY(silent.connectTo(run.port()));
        QVERIFY(run.waitFor<ClientSecured>());
        run.server.disconnectClients(Recipients::parse(u"all"_s).value());
        QVERIFY(stalled.waitForEnd());
        QVERIFY(silent.waitForEnd());
        QVERIFY(run.waitFor<ClientDisconnected>(2));
    }

    void comesAndGoesManyTimes()
    {
        TlsServer run;
        QVERIFY(run.start());
        for (int i = 0; i < 100; ++i) {
            Peer peer(FrameFormat::U32LE, Peer::Tls::Yes);
            QVERIFY(peer.connectTo(run.port()));
            peer.send(QByteArray::number(i));
            QVERIFY(peer.waitForFrames(1));
            if (i % 2)
                peer.socket.abort();
        }
        QVERIFY(run.waitFor<ClientDisconnected>(100));
        QTRY_COMPARE(run.totals.clients, quint64(0));
    }
};

QTEST_GUILESS_MAIN(TlsTest)
#include "tst_tls.moc"
