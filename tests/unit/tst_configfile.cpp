// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/configfile.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

class TestConfigFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsEverything();
    void hasTheDefaults();
    void readsByHand();
    void refusesWhatMakesNoSense_data();
    void refusesWhatMakesNoSense();
    void refusesAMissingFile();

private:
    /// Each in a folder of its own: two files of one name and length within a millisecond are one to
    /// QSettings.
    QString write(const QByteArray &text)
    {
        const QString folder = QString::number(++m_written);
        if (!QDir(m_dir.path()).mkdir(folder))
            return {};
        QFile file(m_dir.filePath(folder + u"/server.ini"_s));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            return {};
        return file.fileName();
    }

    QTemporaryDir m_dir;
    int m_written = 0;
};

void TestConfigFile::keepsEverything()
{
    ServerConfig config;
    config.address = u"*"_s;
    config.port = 4711;
    config.format = FrameFormat::U16BE;
    config.plainPolicy = PlainPolicy::Relay;
    config.defaultFormat = FrameFormat::Lines;
    config.maxClients = 77;
    config.maxPayloadBytes = 5'000'000'000;
    config.maxQueueBytes = 6'000'000'000;
    config.frameDeadline = 7s;
    config.ioThreads = 3;
    config.dataDir = u"/srv/a, b; c=d"_s;
    config.serverName = u"Grüße, \"hall\" 3 %20"_s;
    config.metrics = u"[::1]:9404"_s;
    config.history = ServerConfig::kNoHistory;
    config.historyDays = 8;
    config.historyBytes = 9'000'000'000;
    config.maxPerAddress = 10;
    config.chatOnly = true;
    config.maxUnauthenticated = 11;
    config.maxUnauthenticatedPerAddress = 12;
    config.maxFramesPerSecond = 13;
    config.maxBytesPerSecond = 14;
    config.maxQueuesBytes = 15'000'000'000;
    config.detectionDeadline = 16ms;
    config.helloDeadline = 17ms;
    config.idleDeadline = 18min;
    config.tls = {TlsMode::Required, u"/srv/c, d.pem"_s, u"/srv/k.pem"_s, 19ms, 20, 21};
    const QString path = m_dir.filePath(u"all.ini"_s);
    {
        QSettings settings(path, QSettings::IniFormat);
        saveServerConfig(settings, config);
        settings.setValue(u"window/theme"_s, u"dark"_s);
    }
    const Result<ServerConfig> strict = readConfigFile(path);
    QVERIFY2(bool(strict), strict ? "" : qPrintable(strict.error().text));
    for (const ServerConfig &read :
         {strict.value(), loadServerConfig(QSettings(path, QSettings::IniFormat))}) {
        QCOMPARE(read.address, config.address);
        QCOMPARE(read.port, config.port);
        QVERIFY(read.tls == config.tls);
        QCOMPARE(read.format.toString(), config.format.toString());
        QVERIFY(read.plainPolicy == config.plainPolicy);
        QCOMPARE(read.defaultFormat.toString(), config.defaultFormat.toString());
        QCOMPARE(read.maxClients, config.maxClients);
        QCOMPARE(read.maxPayloadBytes, config.maxPayloadBytes);
        QCOMPARE(read.maxQueueBytes, config.maxQueueBytes);
        QCOMPARE(read.frameDeadline, config.frameDeadline);
        QCOMPARE(read.ioThreads, config.ioThreads);
        QCOMPARE(read.dataDir, config.dataDir);
        QCOMPARE(read.serverName, config.serverName);
        QCOMPARE(read.metrics, config.metrics);
        QCOMPARE(read.history, config.history);
        QCOMPARE(read.historyDays, config.historyDays);
        QCOMPARE(read.historyBytes, config.historyBytes);
        QCOMPARE(read.maxPerAddress, config.maxPerAddress);
        QCOMPARE(read.chatOnly, config.chatOnly);
        QCOMPARE(read.maxUnauthenticated, config.maxUnauthenticated);
        QCOMPARE(read.maxUnauthenticatedPerAddress, config.maxUnauthenticatedPerAddress);
        QCOMPARE(read.maxFramesPerSecond, config.maxFramesPerSecond);
        QCOMPARE(read.maxBytesPerSecond, config.maxBytesPerSecond);
        QCOMPARE(read.maxQueuesBytes, config.maxQueuesBytes);
        QCOMPARE(read.detectionDeadline, config.detectionDeadline);
        QCOMPARE(read.helloDeadline, config.helloDeadline);
        QCOMPARE(read.idleDeadline, config.idleDeadline);
        QVERIFY(read.tls.mode == config.tls.mode);
        QCOMPARE(read.tls.certificateFile, config.tls.certificateFile);
        QCOMPARE(read.tls.keyFile, config.tls.keyFile);
    }
}

void TestConfigFile::hasTheDefaults()
{
    const Result<ServerConfig> read = readConfigFile(write("[server]\n"));
    QVERIFY(bool(read));
    const ServerConfig defaults;
    QCOMPARE(read.value().port, defaults.port);
    QCOMPARE(read.value().maxClients, defaults.maxClients);
    QCOMPARE(read.value().dataDir, ServerConfig::defaultDataDir());
    QVERIFY(!read.value().chatOnly);
    QVERIFY(!read.value().tls.mode);
}

void TestConfigFile::readsByHand()
{
    const Result<ServerConfig> read = readConfigFile(write("; a comment\n"
                                                           "[listen]\naddress=*\nport = 5000\n"
                                                           "[server]\nname=Hall 3, left\n"
                                                           "[limits]\nframesPerSecond=100\nchatOnly=true\n"));
    QVERIFY2(bool(read), read ? "" : qPrintable(read.error().text));
    QCOMPARE(read.value().address, u"*"_s);
    QCOMPARE(read.value().port, quint16(5000));
    QCOMPARE(read.value().serverName, u"Hall 3, left"_s);
    QCOMPARE(read.value().maxFramesPerSecond, quint64(100));
    QVERIFY(read.value().chatOnly);
}

void TestConfigFile::refusesWhatMakesNoSense_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("names");
    QTest::newRow("a port too high") << QByteArray("[listen]\nport=70000\n") << u"listen/port=70000"_s;
    QTest::newRow("no number") << QByteArray("[limits]\nmaxPerAddress=many\n")
                               << u"limits/maxPerAddress=many"_s;
    QTest::newRow("a negative number")
        << QByteArray("[limits]\nframesPerSecond=-1\n") << u"framesPerSecond=-1"_s;
    QTest::newRow("no clients") << QByteArray("[server]\nmaxClients=0\n") << u"server/maxClients=0"_s;
    QTest::newRow("no format") << QByteArray("[listen]\nformat=u24\n") << u"listen/format=u24"_s;
    QTest::newRow("auto by default") << QByteArray("[server]\ndefaultFormat=auto\n")
                                     << u"defaultFormat=auto"_s;
    QTest::newRow("no policy") << QByteArray("[listen]\nplainPolicy=shout\n") << u"plainPolicy=shout"_s;
    QTest::newRow("metrics for others")
        << QByteArray("[server]\nmetrics=0.0.0.0:9404\n") << u"server/metrics=0.0.0.0:9404"_s;
    QTest::newRow("no mode") << QByteArray("[tls]\nmode=perhaps\n") << u"tls/mode=perhaps"_s;
    QTest::newRow("no handshakes") << QByteArray("[tls]\nmaxHandshakes=0\n") << u"tls/maxHandshakes=0"_s;
    QTest::newRow("no time for them")
        << QByteArray("[tls]\nhandshakeDeadlineMs=0\n") << u"tls/handshakeDeadlineMs=0"_s;
    QTest::newRow("maybe") << QByteArray("[limits]\nchatOnly=maybe\n") << u"chatOnly=maybe"_s;
    QTest::newRow("a key misspelt") << QByteArray("[limits]\nframesPerSec=100\n")
                                    << u"limits/framesPerSec,"_s;
    QTest::newRow("a group misspelt")
        << QByteArray("[limit]\nframesPerSecond=10\n") << u"limit/framesPerSecond,"_s;
    QTest::newRow("without a group") << QByteArray("port=1\n") << u"port,"_s;
}

void TestConfigFile::refusesWhatMakesNoSense()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, names);
    const QString path = write(text);
    const Result<ServerConfig> read = readConfigFile(path);
    QVERIFY(!read);
    QVERIFY2(read.error().text.contains(names), qPrintable(read.error().text));
    QVERIFY(read.error().text.contains(u"server.ini"));
    // The window goes on with the default.
    const ServerConfig config = loadServerConfig(QSettings(path, QSettings::IniFormat));
    QCOMPARE(config.port, ServerConfig().port);
    QCOMPARE(config.maxClients, ServerConfig().maxClients);
    QVERIFY(!config.chatOnly);
}

void TestConfigFile::refusesAMissingFile()
{
    QVERIFY(!readConfigFile(m_dir.filePath(u"nothing.ini"_s)));
    QVERIFY(!readConfigFile(m_dir.path()));
}

QTEST_APPLESS_MAIN(TestConfigFile)
#include "tst_configfile.moc"
