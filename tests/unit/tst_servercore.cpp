// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/reconnectpolicy.h"
#include "server-gui/core/idcounter.h"
#include "server-gui/core/serverconfig.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

class TestServerCore : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void idsGoOnAfterARestart()
    {
        QTemporaryDir dir;
        quint64 last = 0;
        for (int run = 0; run < 3; ++run) {
            Result<std::unique_ptr<IdCounter>> counter = IdCounter::open(dir.filePath(u"data"_s));
            QVERIFY(bool(counter));
            for (int i = 0; i < 100; ++i) {
                const Result<ClientId> id = counter.value()->next();
                QVERIFY(bool(id));
                QCOMPARE(id.value().value(), ++last); // a clean end wastes none
            }
        }
    }

    void idsNeverRepeatAfterACrash()
    {
        QTemporaryDir dir;
        const QString file = dir.filePath(u"next-id"_s);
        quint64 highest = 0;
        QByteArray asCrashed;
        {
            Result<std::unique_ptr<IdCounter>> counter = IdCounter::open(dir.path());
            QVERIFY(bool(counter));
            for (int i = 0; i < 1000; ++i)
                highest = counter.value()->next().value().value();
            QFile before(file);
            QVERIFY(before.open(QIODevice::ReadOnly));
            asCrashed = before.readAll();
        }
        QFile after(file);
        QVERIFY(after.open(QIODevice::WriteOnly | QIODevice::Truncate));
        after.write(asCrashed);
        after.close();
        Result<std::unique_ptr<IdCounter>> counter = IdCounter::open(dir.path());
        QVERIFY(bool(counter));
        QVERIFY(counter.value()->next().value().value() > highest);
    }

    void secondServerIsKeptOut()
    {
        QTemporaryDir dir;
        const Result<std::unique_ptr<IdCounter>> first = IdCounter::open(dir.path());
        QVERIFY(bool(first));
        const Result<std::unique_ptr<IdCounter>> second = IdCounter::open(dir.path());
        QVERIFY(!second);
        QCOMPARE(second.error().code, Error::Code::InUse);
        QVERIFY2(second.error().text.contains(QString::number(QCoreApplication::applicationPid())),
                 qPrintable(second.error().text));
    }

    void spoiltCounterIsSaid_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("words") << QByteArray("hello\n");
        QTest::newRow("zero") << QByteArray("0\n");
        QTest::newRow("negative") << QByteArray("-1\n");
    }

    void spoiltCounterIsSaid()
    {
        QFETCH(const QByteArray, content);
        QTemporaryDir dir;
        QFile file(dir.filePath(u"next-id"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        const Result<std::unique_ptr<IdCounter>> counter = IdCounter::open(dir.path());
        QVERIFY(!counter);
        QCOMPARE(counter.error().code, Error::Code::BadInput);
        QVERIFY(counter.error().text.contains(u"next-id"));
    }

    void directoryThatCannotBe()
    {
        QTemporaryDir dir;
        QFile file(dir.filePath(u"file"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        const Result<std::unique_ptr<IdCounter>> counter = IdCounter::open(dir.filePath(u"file/data"_s));
        QVERIFY(!counter);
    }

    void keptToOurselves()
    {
        QTemporaryDir dir;
        const QString data = dir.filePath(u"data"_s);
        {
            const Result<std::unique_ptr<IdCounter>> counter = IdCounter::open(data);
            QVERIFY(bool(counter));
            QVERIFY(bool(counter.value()->next()));
        }
        const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther
            | QFile::WriteOther | QFile::ExeOther;
        QCOMPARE(QFile::permissions(data) & others, QFile::Permissions());
        QCOMPARE(QFile::permissions(data + u"/next-id"_s) & others, QFile::Permissions());
    }

    void addresses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("address"); // empty: none
        QTest::newRow("ipv4") << u"127.0.0.1"_s << u"127.0.0.1"_s;
        QTest::newRow("ipv6") << u"::1"_s << u"::1"_s;
        QTest::newRow("bracketed") << u"[::1]"_s << u"::1"_s;
        QTest::newRow("localhost") << u"LocalHost"_s << u"127.0.0.1"_s;
        QTest::newRow("name") << u"hub.example"_s << QString();
        QTest::newRow("half an address") << u"300.1.1.1"_s << QString();
    }

    void addresses()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, address);
        ServerConfig config;
        config.address = text;
        const std::optional<QHostAddress> found = config.hostAddress();
        QCOMPARE(found ? found->toString() : QString(), address);
        config.address = u"*"_s;
        QVERIFY(config.hostAddress() == QHostAddress(QHostAddress::Any));
        config.address.clear();
        QVERIFY(config.hostAddress() == QHostAddress(QHostAddress::Any));
    }

    void policies()
    {
        for (const PlainPolicy policy : {PlainPolicy::None, PlainPolicy::Echo, PlainPolicy::Relay})
            QVERIFY(plainPolicyFromString(toString(policy)) == policy);
        QVERIFY(!plainPolicyFromString(u"shout"));
    }

    void waitsDouble_data()
    {
        QTest::addColumn<double>("random");
        QTest::addColumn<double>("factor");
        QTest::newRow("shortest") << 0.0 << 0.8;
        QTest::newRow("middle") << 0.5 << 1.0;
        QTest::newRow("longest") << 1.0 << 1.2;
    }

    void waitsDouble()
    {
        QFETCH(const double, random);
        QFETCH(const double, factor);
        ReconnectPolicy policy([random] { return random; });
        for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60})
            QVERIFY(qAbs(double(policy.next().count()) - seconds * 1000 * factor) < 2);
        policy.reset();
        QVERIFY(qAbs(double(policy.next().count()) - 1000 * factor) < 2);
    }
};

QTEST_GUILESS_MAIN(TestServerCore)
#include "tst_servercore.moc"
