// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/handshakes.h"

#include <QTest>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

namespace {

/// A table with limits of its own and a clock that stands still until it is told.
class Table
{
public:
    explicit Table(int inAll = 4, int perAddress = 2)
        : handshakes([this](ClientId id) { running.push_back(id.value()); },
                     [this](ClientId id, const QString &reason) {
                         cut.push_back(id.value());
                         reasons << reason;
                         std::erase(running, id.value());
                     })
    {
        handshakes.setLimits({5s, inAll, perAddress});
    }

    void add(quint64 id, const QString &address) { handshakes.add(ClientId(id), address, now, now); }

    void done(quint64 id)
    {
        std::erase(running, id);
        handshakes.remove(ClientId(id), now);
    }

    void pass(std::chrono::milliseconds time)
    {
        now += time;
        handshakes.tick(now);
    }

    using Ids = std::vector<quint64>;

    Handshakes::Clock::time_point now{1h};
    Ids running;
    Ids cut;
    QStringList reasons;
    Handshakes handshakes;
};

using Ids = Table::Ids;

} // namespace

class HandshakesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void begin()
    {
        Table table;
        table.add(1, u"a"_s);
        table.add(2, u"a"_s);
        table.add(3, u"b"_s);
        QCOMPARE(table.running, (Ids{1, 2, 3}));
        for (const quint64 id : {1, 2, 3})
            table.done(id);
        QVERIFY(table.handshakes.isEmpty());
    }

    void oneAddressDoesNotTakeAllPlaces()
    {
        Table table;
        for (quint64 id = 1; id <= 10; ++id)
            table.add(id, u"a"_s);
        QCOMPARE(table.running, (Ids{1, 2}));
        QCOMPARE(table.handshakes.waiting(), size_t(8));
        table.add(11, u"b"_s);
        QCOMPARE(table.running, (Ids{1, 2, 11}));
    }

    void theLastWhoCameIsNext()
    {
        Table table;
        for (quint64 id = 1; id <= 5; ++id)
            table.add(id, u"a"_s);
        table.done(1);
        QCOMPARE(table.running, (Ids{2, 5}));
        table.done(5);
        QCOMPARE(table.running, (Ids{2, 4}));
        table.done(4);
        table.done(2);
        QCOMPARE(table.running, Ids{3});
        QCOMPARE(table.cut, Ids{});
    }

    void thePlaceGoesToWhoMayHaveIt()
    {
        Table table(3, 2);
        table.add(1, u"a"_s);
        table.add(2, u"a"_s);
        table.add(3, u"b"_s);
        table.add(4, u"c"_s);
        table.add(5, u"a"_s);
        // That of b is free; a may not have a third one.
        table.done(3);
        QCOMPARE(table.running, (Ids{1, 2, 4}));
    }

    void aStalledOneGivesWayToANewcomer()
    {
        Table table;
        table.add(1, u"a"_s);
        table.add(2, u"a"_s);
        table.pass(600ms);
        QCOMPARE(table.cut, Ids{});
        table.add(3, u"a"_s);
        QCOMPARE(table.cut, Ids{1});
        QCOMPARE(table.running, (Ids{2, 3}));
        QVERIFY(table.reasons.first().contains("others waited"_L1));
    }

    void aStalledOneOfAnotherAddressGivesWayWhereAllIsFull()
    {
        Table table(2, 2);
        table.add(1, u"a"_s);
        table.add(2, u"a"_s);
        table.pass(600ms);
        table.add(3, u"b"_s);
        QCOMPARE(table.cut, Ids{1});
        QCOMPARE(table.running, (Ids{2, 3}));
    }

    void whoWaitsComesInAsTimePasses()
    {
        Table table;
        for (quint64 id = 1; id <= 4; ++id)
            table.add(id, u"a"_s);
        table.pass(400ms);
        QCOMPARE(table.running, (Ids{1, 2}));
        table.pass(100ms);
        QCOMPARE(table.cut, (Ids{1, 2}));
        QCOMPARE(table.running, (Ids{4, 3}));
        QVERIFY(table.handshakes.waiting() == 0);
    }

    void nobodyIsCutForNobody()
    {
        Table table;
        table.add(1, u"a"_s);
        table.add(2, u"a"_s);
        for (int i = 0; i < 49; ++i)
            table.pass(100ms);
        QCOMPARE(table.cut, Ids{});
    }

    void theDeadlineHoldsForAll()
    {
        Table table(4, 4);
        table.add(1, u"a"_s);
        table.pass(2s);
        table.add(2, u"a"_s);
        table.pass(3s);
        QCOMPARE(table.cut, Ids{1});
        QVERIFY2(table.reasons.first().contains("after 5 s"_L1), qPrintable(table.reasons.first()));
        table.pass(2s);
        QCOMPARE(table.cut, (Ids{1, 2}));
        QVERIFY(table.handshakes.isEmpty());
    }

    void dripsFromTheFirstByteCount()
    {
        Table table;
        table.handshakes.add(ClientId(1), u"a"_s, table.now - 4s, table.now);
        table.pass(900ms);
        QCOMPARE(table.cut, Ids{});
        table.pass(100ms);
        QCOMPARE(table.cut, Ids{1});
    }

    void waitingHasTheSameDeadline()
    {
        Table table(1, 1);
        table.add(1, u"a"_s);
        table.add(2, u"a"_s);
        table.add(3, u"a"_s);
        table.now += 5s;
        table.handshakes.tick(table.now);
        QVERIFY(table.handshakes.isEmpty() || table.handshakes.running() == 1);
        QCOMPARE(table.cut.size(), size_t(3));
    }

    void floodsEndInAnEmptyTable()
    {
        Table table(8, 3);
        quint64 id = 0;
        for (int round = 0; round < 200; ++round) {
            for (int i = 0; i < 5; ++i) {
                ++id;
                table.add(id, QString::number(id % 7));
            }
            if (!table.running.empty() && round % 3 == 0)
                table.done(table.running.back());
            table.pass(50ms);
            QVERIFY(table.handshakes.running() <= 8);
        }
        table.pass(10s);
        table.pass(10s);
        QVERIFY(table.handshakes.isEmpty());
    }
};

QTEST_APPLESS_MAIN(HandshakesTest)
#include "tst_handshakes.moc"
