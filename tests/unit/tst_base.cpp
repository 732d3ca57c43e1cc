// SPDX-License-Identifier: Apache-2.0
#include "common/base/batchpacer.h"
#include "common/base/hostport.h"
#include "common/base/inbox.h"
#include "common/base/jsonline.h"
#include "common/base/recipients.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <QThread>

#include <atomic>

using namespace Qt::StringLiterals;
using namespace wireroom;

class TestBase : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void recipients_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("normal"); // empty: refused
        QTest::addColumn<QString>("complaint");
        QTest::newRow("one") << u"7"_s << u"7"_s << QString();
        QTest::newRow("list and range") << u" 1, 3 ,5-8 "_s << u"1,3,5-8"_s << QString();
        QTest::newRow("sorted and joined") << u"8,5-7,1,2"_s << u"1-2,5-8"_s << QString();
        QTest::newRow("overlap") << u"1-5,3-9"_s << u"1-9"_s << QString();
        QTest::newRow("huge range stays a range")
            << u"1-18446744073709551615"_s << u"1-18446744073709551615"_s << QString();
        QTest::newRow("all") << u"ALL"_s << u"all"_s << QString();
        QTest::newRow("all except") << u"all except 2, 4"_s << u"all except 2,4"_s << QString();
        QTest::newRow("all but") << u"all but 2"_s << u"all except 2"_s << QString();
        QTest::newRow("not 2") << u"!2,4-5"_s << u"all except 2,4-5"_s << QString();
        QTest::newRow("empty") << u"  "_s << QString() << u"No recipient"_s;
        QTest::newRow("a name") << u"ann"_s << QString() << u"ann"_s;
        QTest::newRow("zero") << u"0"_s << QString() << u"“0”"_s;
        QTest::newRow("negative") << u"-3"_s << QString() << u"“-3”"_s;
        QTest::newRow("backwards") << u"8-5"_s << QString() << u"backwards"_s;
        QTest::newRow("two commas") << u"1,,2"_s << QString() << u"missing"_s;
        QTest::newRow("trailing comma") << u"1,"_s << QString() << u"missing"_s;
        QTest::newRow("too large") << u"18446744073709551616"_s << QString() << u"not an ID"_s;
        QTest::newRow("allies") << u"allies"_s << QString() << u"allies"_s;
        QTest::newRow("all except nobody") << u"all except"_s << QString() << u"all except"_s;
        QTest::newRow("bang alone") << u"!"_s << QString() << u"missing"_s;
    }

    void recipients()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, normal);
        QFETCH(const QString, complaint);
        const Result<Recipients> parsed = Recipients::parse(text);
        QCOMPARE(bool(parsed), !normal.isEmpty());
        if (!parsed) {
            QVERIFY2(parsed.error().text.contains(complaint), qPrintable(parsed.error().text));
            return;
        }
        QCOMPARE(parsed.value().toString(), normal);
        const Result<Recipients> again = Recipients::parse(normal);
        QVERIFY(again && again.value() == parsed.value());
    }

    void recipientsContain()
    {
        const Recipients some = Recipients::parse(u"1,3,5-8").value();
        for (quint64 id : {1, 3, 5, 6, 8})
            QVERIFY(some.contains(ClientId(id)));
        for (quint64 id : {2, 4, 9, 100})
            QVERIFY(!some.contains(ClientId(id)));
        const Recipients but = Recipients::parse(u"all except 3").value();
        QVERIFY(but.contains(ClientId(2)));
        QVERIFY(!but.contains(ClientId(3)));
        QVERIFY(Recipients::everyone().contains(ClientId(9)));
        QVERIFY(Recipients::only({ClientId(4)}).contains(ClientId(4)));
    }

    void hostPort_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("ok");
        QTest::addColumn<QString>("host");
        QTest::addColumn<int>("port");
        QTest::newRow("ipv4") << u"127.0.0.1:80"_s << true << u"127.0.0.1"_s << 80;
        QTest::newRow("name") << u"hub.example:4040"_s << true << u"hub.example"_s << 4040;
        QTest::newRow("ipv6") << u"[::1]:0"_s << true << u"::1"_s << 0;
        QTest::newRow("all") << u"*:1"_s << true << u"*"_s << 1;
        QTest::newRow("no host") << u":65535"_s << true << QString() << 65535;
        QTest::newRow("no port") << u"127.0.0.1"_s << false << QString() << 0;
        QTest::newRow("bare ipv6") << u"::1"_s << false << QString() << 0;
        QTest::newRow("port too large") << u"a:65536"_s << false << QString() << 0;
        QTest::newRow("port a word") << u"a:http"_s << false << QString() << 0;
        QTest::newRow("empty") << QString() << false << QString() << 0;
    }

    void hostPort()
    {
        QFETCH(const QString, text);
        const std::optional<HostPort> parsed = HostPort::fromString(text);
        QTEST(parsed.has_value(), "ok");
        if (!parsed)
            return;
        QTEST(parsed->host, "host");
        QTEST(int(parsed->port), "port");
        QCOMPARE(parsed->toString(), text);
    }

    void jsonIsJson_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::newRow("plain") << QByteArray("hello");
        QTest::newRow("quotes") << QByteArray("say \"hi\" \\ there");
        QTest::newRow("controls") << QByteArray("\x01\x1b[2J\r\n\t\x7f\0x", 11);
        QTest::newRow("c1 and separators") << QByteArray("\xc2\x85 \xe2\x80\xa8 \xe2\x80\xa9 \xe2\x82\xac");
        QTest::newRow("emoji") << QByteArray("\xf0\x9f\x98\x80");
        QTest::newRow("empty") << QByteArray();
    }

    void jsonIsJson()
    {
        QFETCH(const QByteArray, payload);
        const QByteArray line
            = JsonLine("message"_L1).add("from"_L1, 1u).addPayload(payload).add("ok"_L1, true).toJson();
        QJsonParseError error{};
        const QJsonObject object = QJsonDocument::fromJson(line, &error).object();
        QVERIFY2(error.error == QJsonParseError::NoError, line.constData());
        QCOMPARE(object.value(u"text").toString().toUtf8(), payload);
        QCOMPARE(object.value(u"event").toString(), u"message"_s);
        QCOMPARE(object.value(u"from").toInt(), 1);
        QCOMPARE(object.value(u"ok").toBool(), true);
        QVERIFY(line.startsWith("{\"event\":\"message\",\"from\":1,"));
        for (const char c : line)
            QVERIFY2(uchar(c) >= 0x20 && c != 0x7f, "a line is a line");
    }

    void jsonInPieces_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("text") << QByteArray("aü€😀\"\\").repeated(20);
        QTest::newRow("what is escaped") << QByteArray("\x1b\xc2\x85\xe2\x80\xa8\xd8\x9c\r\n").repeated(20);
        QTest::newRow("bytes") << QByteArray("\x00\xff", 2).repeated(40);
    }

    void jsonInPieces()
    {
        QFETCH(const QByteArray, payload);
        JsonLine line("message"_L1);
        line.addPayload(payload).add("ok"_L1, true);
        const QByteArray whole = line.toJson();
        const QJsonObject object = QJsonDocument::fromJson(whole).object();
        QCOMPARE(object.contains(u"text") ? object.value(u"text").toString().toUtf8()
                                          : QByteArray::fromHex(object.value(u"hex").toString().toLatin1()),
                 payload);
        for (qsizetype pieceBytes = 8; pieceBytes < payload.size() + 10; ++pieceBytes) {
            QByteArray written;
            line.write(
                [&](QByteArrayView piece) {
                    written += piece;
                    return true;
                },
                pieceBytes);
            QCOMPARE(written, whole);
        }
        int pieces = 0;
        line.write([&](QByteArrayView) { return ++pieces < 2; }, 8);
        QCOMPARE(pieces, 2);
    }

    void bytesBecomeHex()
    {
        QCOMPARE(JsonLine().addPayload(QByteArray("\x00\xff", 2)).toJson(), QByteArray(R"({"hex":"00ff"})"));
        QCOMPARE(JsonLine().addPayload(QByteArray("\xed\xa0\x80")).toJson(),
                 QByteArray(R"({"hex":"eda080"})"));
        QCOMPARE(JsonLine().toJson(), QByteArray("{}"));
        QCOMPARE(JsonLine()
                     .addList("ids"_L1, std::vector<int>{1, 2}, [](int i) { return QByteArray::number(i); })
                     .toJson(),
                 QByteArray(R"({"ids":[1,2]})"));
    }

    void inboxKeepsOrderAcrossThreads()
    {
        constexpr int kThreads = 4;
        constexpr int kEach = 20'000;
        std::vector<std::vector<int>> seen(kThreads);
        int total = 0;
        int batches = 0;
        Inbox<std::pair<int, int>> inbox([&](std::vector<std::pair<int, int>> &&values) {
            ++batches;
            QCOMPARE(QThread::currentThread(), QCoreApplication::instance()->thread());
            for (const auto &[thread, value] : values)
                seen[size_t(thread)].push_back(value);
            total += int(values.size());
        });
        std::vector<std::unique_ptr<QThread>> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back(QThread::create([&inbox, t] {
                for (int i = 0; i < kEach; ++i)
                    inbox.post({t, i});
            }));
            threads.back()->start();
        }
        QTRY_COMPARE_WITH_TIMEOUT(total, kThreads * kEach, 30'000);
        for (auto &thread : threads)
            thread->wait();
        for (const auto &values : seen) {
            QCOMPARE(int(values.size()), kEach);
            QVERIFY(std::is_sorted(values.begin(), values.end()));
        }
        QVERIFY2(batches < total, "one wake-up per batch");
    }

    void inboxDiesQuietly()
    {
        bool called = false;
        {
            Inbox<int> inbox([&](std::vector<int> &&) { called = true; });
            inbox.post(1);
        }
        QCoreApplication::processEvents();
        QVERIFY(!called);
    }

    void pacerWaitsForItsTaker()
    {
        int delivered = 0;
        BatchPacer pacer([&] { ++delivered; });
        pacer.schedule();
        pacer.schedule();
        QTRY_COMPARE(delivered, 1);
        pacer.schedule(); // the first batch is not taken
        QElapsedTimer waited;
        waited.start();
        while (waited.elapsed() < 3 * BatchPacer::kIntervalMs)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
        QCOMPARE(delivered, 1);
        pacer.taken();
        QTRY_COMPARE(delivered, 2);
        pacer.taken();
        QCOMPARE(delivered, 2);
    }
};

QTEST_GUILESS_MAIN(TestBase)
#include "tst_base.moc"
