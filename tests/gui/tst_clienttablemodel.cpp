// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/numbertext.h"
#include "server-gui/window/clienttablemodel.h"

#include <QAbstractItemModelTester>
#include <QItemSelectionModel>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <set>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

using Model = ClientTableModel;

constexpr qint64 kStart = 1'700'000'000'000;

QDateTime at(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(kStart + ms, Qt::UTC);
}

ClientConnected connected(quint64 id, const QString &address = u"127.0.0.1"_s, quint16 port = 5000,
                          FrameFormat format = FrameFormat::Auto, qint64 when = 0)
{
    return {ClientId(id), address, port, at(when), format};
}

ClientDisconnected disconnected(quint64 id)
{
    return {ClientId(id), at(0), u"gone"_s};
}

ClientCounters counters(quint64 id, quint64 framesIn, quint64 bytesIn = 0)
{
    ClientCounters result;
    result.id = ClientId(id);
    result.framesIn = framesIn;
    result.bytesIn = bytesIn;
    result.lastSeen = at(0);
    return result;
}

ServerBatch batchOf(std::vector<ServerEvent> events, std::vector<ClientCounters> counted = {})
{
    ServerBatch batch;
    batch.events = std::move(events);
    batch.counters = std::move(counted);
    return batch;
}

ServerBatch connectedRange(quint64 first, quint64 last)
{
    ServerBatch batch;
    for (quint64 id = first; id <= last; ++id)
        batch.events.emplace_back(connected(id, u"10.0.0.1"_s, static_cast<quint16>(id)));
    return batch;
}

QString cell(const Model &model, int row, int column, int role = Qt::DisplayRole)
{
    return model.index(row, column).data(role).toString();
}

QList<quint64> shownIds(const Model &model)
{
    QList<quint64> ids;
    for (int row = 0; row < model.rowCount(); ++row)
        ids.append(model.clientAt(row)->value());
    return ids;
}

} // namespace

class TestClientTableModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsWhatIsKnown();
    void showsWhoIsSlow();
    void namesFormats_data();
    void namesFormats();
    void tellsTimesRelatively_data();
    void tellsTimesRelatively();
    void comesAndGoesInOneBatch();
    void ignoresUnknownClients();
    void removesManyScatteredRows_data();
    void removesManyScatteredRows();
    void sorts_data();
    void sorts();
    void keepsTheOrderOfEquals();
    void doesNotJumpWithEveryCounter();
    void sortsNewcomersIn();
    void filters_data();
    void filters();
    void filterFollowsFormats();
    void selectionSurvivesSorting();
    void refreshesOnlyTimesOfGivenRows();
    void forgetsAllWhenStopped();
    void agreesWithASimpleModelUnderChurn();
};

void TestClientTableModel::showsWhatIsKnown()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.setClock([] { return kStart + 65'000; });
    ClientCounters counted = counters(7, 12'345, 1'500'000);
    counted.framesOut = 3;
    counted.bytesOut = 999;
    counted.queuedBytes = 2'000;
    counted.lastSeen = at(60'000);
    model.take(batchOf({connected(7, u"::1"_s, 40'000, FrameFormat::U32BE)}, {counted}));

    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(cell(model, 0, Model::IdColumn), u"7"_s);
    QCOMPARE(cell(model, 0, Model::NameColumn), u"–"_s);
    QCOMPARE(cell(model, 0, Model::AddressColumn), u"[::1]:40000"_s);
    QCOMPARE(cell(model, 0, Model::FormatColumn), u"u32be"_s);
    QCOMPARE(cell(model, 0, Model::FramesInColumn), u"12,345"_s);
    QCOMPARE(cell(model, 0, Model::FramesOutColumn), u"3"_s);
    QCOMPARE(cell(model, 0, Model::BytesOutColumn), byteCountText(999));
    QCOMPARE(cell(model, 0, Model::BytesInColumn), byteCountText(1'500'000));
    QVERIFY(cell(model, 0, Model::BytesInColumn, Qt::ToolTipRole).startsWith(u"1,500,000 bytes"));
    QVERIFY(cell(model, 0, Model::QueuedColumn, Qt::ToolTipRole).startsWith(u"2,000 bytes"));
    for (int column = 0; column < model.columnCount(); ++column) {
        QVERIFY(!cell(model, 0, column).isEmpty());
        QVERIFY(!model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
    }
    const auto alignment = [&model](int column) {
        return model.index(0, column).data(Qt::TextAlignmentRole).value<Qt::Alignment>();
    };
    QVERIFY(alignment(Model::BytesInColumn).testFlag(Qt::AlignRight));
    QVERIFY(alignment(Model::IdColumn).testFlag(Qt::AlignLeft));
    QVERIFY(alignment(Model::AddressColumn).testFlag(Qt::AlignLeft));
}

void TestClientTableModel::showsWhoIsSlow()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(connectedRange(1, 3));
    model.take(
        batchOf({ClientSlow{ClientId(2), true, 3'000'000, at(0)}, ClientSlow{ClientId(9), true, 1, at(0)}}));
    QCOMPARE(cell(model, 1, Model::StateColumn), u"Slow"_s);
    QVERIFY(cell(model, 1, Model::StateColumn, Qt::ToolTipRole).contains(u"3,000,000 bytes"));
    QCOMPARE(cell(model, 0, Model::StateColumn), u"Connected"_s);
    model.sort(Model::StateColumn, Qt::DescendingOrder);
    QCOMPARE(shownIds(model).first(), quint64{2});
    model.setFilterText(u"slow"_s);
    QCOMPARE(shownIds(model), QList<quint64>{2});
    ClientCounters counted = counters(2, 1);
    counted.isSlow = true;
    counted.heldBack = 12;
    counted.refused = 3;
    model.take(batchOf({}, {counted}));
    QCOMPARE(cell(model, 0, Model::StateColumn), u"Slow"_s);
    QCOMPARE(cell(model, 0, Model::HeldBackColumn), u"12"_s);
    QCOMPARE(cell(model, 0, Model::RefusedColumn), u"3"_s);
    model.take(batchOf({ClientSlow{ClientId(2), false, 0, at(0)}}));
    QCOMPARE(model.rowCount(), 0);
    model.setFilterText({});
    QCOMPARE(cell(model, model.rowOf(ClientId(2)), Model::StateColumn), u"Connected"_s);
    model.take(batchOf({disconnected(2), ClientSlow{ClientId(2), true, 1, at(0)}}));
    QCOMPARE(model.rowCount(), 2);
}

void TestClientTableModel::namesFormats_data()
{
    QTest::addColumn<bool>("found");
    QTest::addColumn<bool>("detected");
    QTest::addColumn<int>("format");
    QTest::addColumn<QString>("expected");
    QTest::newRow("not yet") << false << false << int(FrameFormat::Auto) << u"waiting for first bytes"_s;
    QTest::newRow("detected") << true << true << int(FrameFormat::U32LE) << u"u32le, detected"_s;
    QTest::newRow("default") << true << false << int(FrameFormat::Lines) << u"lines, default"_s;
    QTest::newRow("set") << false << false << int(FrameFormat::U16BE) << u"u16be"_s;
}

void TestClientTableModel::namesFormats()
{
    QFETCH(bool, found);
    QFETCH(bool, detected);
    QFETCH(int, format);
    const FrameFormat value(static_cast<FrameFormat::Kind>(format));
    Model model;
    if (found) {
        model.take(batchOf({connected(1)}));
        model.take(batchOf({ClientFormatKnown{ClientId(1), value, detected}}));
    } else {
        model.take(batchOf({connected(1, u"127.0.0.1"_s, 5000, value)}));
    }
    QTEST(cell(model, 0, Model::FormatColumn), "expected");
}

void TestClientTableModel::tellsTimesRelatively_data()
{
    QTest::addColumn<qint64>("ms");
    QTest::addColumn<QString>("lastSeen");
    QTest::newRow("the same moment") << qint64{0} << u"now"_s;
    QTest::newRow("the clock went back") << qint64{-5'000} << u"now"_s;
    QTest::newRow("seconds") << qint64{12'400} << u"12 s ago"_s;
    QTest::newRow("minutes") << qint64{119'000} << u"1 min ago"_s;
    QTest::newRow("hours") << qint64{47 * 3'600'000} << u"47 h ago"_s;
    QTest::newRow("days") << qint64{49 * 3'600'000} << u"2 days ago"_s;
}

void TestClientTableModel::tellsTimesRelatively()
{
    QFETCH(qint64, ms);
    Model model;
    model.setClock([ms] { return kStart + ms; });
    model.take(batchOf({connected(1)}));
    QCOMPARE(cell(model, 0, Model::LastSeenColumn), u"–"_s);
    model.take(batchOf({}, {counters(1, 1)}));
    QTEST(cell(model, 0, Model::LastSeenColumn), "lastSeen");
    if (ms == 12'400)
        QCOMPARE(cell(model, 0, Model::ConnectedForColumn), u"12 s"_s);
}

void TestClientTableModel::comesAndGoesInOneBatch()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    const QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    model.take(batchOf({connected(1), disconnected(1), connected(2)}));
    QCOMPARE(shownIds(model), QList<quint64>{2});
    QCOMPARE(inserted.size(), 1);
    model.take(batchOf({disconnected(2), connected(3)}));
    QCOMPARE(shownIds(model), QList<quint64>{3});
    QCOMPARE(model.connectedCount(), 1);
}

void TestClientTableModel::ignoresUnknownClients()
{
    Model model;
    model.take(
        batchOf({disconnected(9), ClientFormatKnown{ClientId(9), FrameFormat::U8, true}}, {counters(9, 1)}));
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.rowOf(ClientId(9)), -1);
    QVERIFY(!model.clientAt(0));
}

void TestClientTableModel::removesManyScatteredRows_data()
{
    QTest::addColumn<int>("step");
    QTest::newRow("few runs") << 50;
    QTest::newRow("many runs") << 3;
    QTest::newRow("all") << 1;
}

void TestClientTableModel::removesManyScatteredRows()
{
    QFETCH(int, step);
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(connectedRange(1, 1000));
    const QPersistentModelIndex kept = model.index(model.rowOf(ClientId(998)), Model::IdColumn);
    ServerBatch leaving;
    QList<quint64> expected;
    for (quint64 id = 1; id <= 1000; ++id) {
        if (id % static_cast<quint64>(step) == 0)
            leaving.events.emplace_back(disconnected(id));
        else
            expected.append(id);
    }
    model.take(leaving);
    QCOMPARE(shownIds(model), expected);
    for (int row = 0; row < model.rowCount(); ++row)
        QCOMPARE(model.rowOf(*model.clientAt(row)), row);
    if (step > 1)
        QCOMPARE(kept.data().toString(), u"998"_s);
    else
        QVERIFY(!kept.isValid());
}

void TestClientTableModel::sorts_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QList<quint64>>("ascending");
    QTest::newRow("id") << int(Model::IdColumn) << QList<quint64>{1, 2, 3, 10};
    QTest::newRow("address, as numbers, IPv4 first")
        << int(Model::AddressColumn) << QList<quint64>{2, 3, 1, 10};
    QTest::newRow("connected for, shortest first")
        << int(Model::ConnectedForColumn) << QList<quint64>{10, 3, 1, 2};
    QTest::newRow("last seen, latest first") << int(Model::LastSeenColumn) << QList<quint64>{3, 1, 2, 10};
    QTest::newRow("frames in") << int(Model::FramesInColumn) << QList<quint64>{10, 2, 3, 1};
    QTest::newRow("bytes in") << int(Model::BytesInColumn) << QList<quint64>{10, 1, 3, 2};
}

void TestClientTableModel::sorts()
{
    QFETCH(int, column);
    QFETCH(QList<quint64>, ascending);
    Model model;
    const QAbstractItemModelTester tester(&model);
    ClientCounters one = counters(1, 300, 5);
    ClientCounters two = counters(2, 9, 7'000);
    ClientCounters three = counters(3, 10, 600);
    one.lastSeen = at(50);
    two.lastSeen = at(20);
    three.lastSeen = at(90);
    model.take(batchOf({connected(1, u"10.0.0.20"_s, 1, FrameFormat::Auto, 200),
                        connected(2, u"10.0.0.3"_s, 9, FrameFormat::Auto, 100),
                        connected(3, u"10.0.0.3"_s, 10, FrameFormat::Auto, 300),
                        connected(10, u"2001:db8::1"_s, 1, FrameFormat::Auto, 400)},
                       {one, two, three}));
    model.sort(column, Qt::AscendingOrder);
    QCOMPARE(shownIds(model), ascending);
    model.sort(column, Qt::DescendingOrder);
    std::reverse(ascending.begin(), ascending.end());
    QCOMPARE(shownIds(model), ascending);
}

void TestClientTableModel::keepsTheOrderOfEquals()
{
    Model model;
    model.take(connectedRange(1, 50));
    model.take(batchOf({}, {counters(7, 1), counters(33, 1)}));
    model.sort(Model::FramesInColumn, Qt::AscendingOrder);
    QList<quint64> ids = shownIds(model);
    QCOMPARE(ids.takeLast(), quint64{33});
    QCOMPARE(ids.takeLast(), quint64{7});
    QVERIFY(std::is_sorted(ids.begin(), ids.end()));
}

void TestClientTableModel::doesNotJumpWithEveryCounter()
{
    Model model;
    model.take(connectedRange(1, 3));
    model.sort(Model::FramesInColumn, Qt::AscendingOrder);
    const QSignalSpy moved(&model, &QAbstractItemModel::layoutChanged);
    for (quint64 n = 1; n <= 100; ++n)
        model.take(batchOf({}, {counters(1, n * 2)}));
    QVERIFY(moved.size() <= 1);
    QTRY_COMPARE(shownIds(model), (QList<quint64>{2, 3, 1}));
    QCOMPARE(moved.size(), 1);
}

void TestClientTableModel::sortsNewcomersIn()
{
    Model model;
    model.take(connectedRange(1, 3));
    model.sort(Model::IdColumn, Qt::DescendingOrder);
    model.take(connectedRange(4, 5));
    QCOMPARE(model.rowCount(), 5);
    QTRY_COMPARE(shownIds(model), (QList<quint64>{5, 4, 3, 2, 1}));
}

void TestClientTableModel::filters_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QList<quint64>>("expected");
    QTest::newRow("none") << QString() << QList<quint64>{11, 12, 25};
    QTest::newRow("blanks") << u"  "_s << QList<quint64>{11, 12, 25};
    QTest::newRow("by ID") << u"25"_s << QList<quint64>{25};
    QTest::newRow("by address") << u"192.168"_s << QList<quint64>{11};
    QTest::newRow("by port") << u":7001"_s << QList<quint64>{12};
    QTest::newRow("by IPv6 address, any case") << u"[FE80"_s << QList<quint64>{25};
    QTest::newRow("by format") << u"LINES"_s << QList<quint64>{12};
    QTest::newRow("by state") << u"waiting"_s << QList<quint64>{11, 25};
    QTest::newRow("by nothing there") << u"xyz"_s << QList<quint64>();
}

void TestClientTableModel::filters()
{
    QFETCH(QString, text);
    QFETCH(QList<quint64>, expected);
    Model model;
    const QAbstractItemModelTester tester(&model);
    const std::vector<ServerEvent> clients{connected(11, u"192.168.0.9"_s, 7000),
                                           connected(12, u"10.0.0.1"_s, 7001, FrameFormat::Lines),
                                           connected(25, u"fe80::abc"_s, 7002)};
    model.take(batchOf(clients));
    model.setFilterText(text);
    QCOMPARE(shownIds(model), expected);
    QCOMPARE(model.connectedCount(), 3);
    model.setFilterText({});
    QCOMPARE(shownIds(model), (QList<quint64>{11, 12, 25}));

    Model later;
    later.setFilterText(text);
    later.take(batchOf(clients));
    QCOMPARE(shownIds(later), expected);
}

void TestClientTableModel::filterFollowsFormats()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.setFilterText(u"lines"_s);
    model.take(batchOf({connected(1), connected(2)}));
    QCOMPARE(model.rowCount(), 0);
    model.take(batchOf({ClientFormatKnown{ClientId(2), FrameFormat::Lines, true}}));
    QCOMPARE(shownIds(model), QList<quint64>{2});
    model.setFilterText(u"waiting"_s);
    QCOMPARE(shownIds(model), QList<quint64>{1});
    model.take(batchOf({ClientFormatKnown{ClientId(1), FrameFormat::U8, true}}));
    QCOMPARE(model.rowCount(), 0);
    model.take(batchOf({disconnected(1)}));
    QCOMPARE(model.connectedCount(), 1);
}

void TestClientTableModel::selectionSurvivesSorting()
{
    Model model;
    QItemSelectionModel selection(&model);
    model.take(connectedRange(1, 100));
    for (const quint64 id : {3, 4, 70}) {
        selection.select(model.index(model.rowOf(ClientId(id)), 0),
                         QItemSelectionModel::Select | QItemSelectionModel::Rows);
    }
    const auto selectedIds = [&] {
        std::set<quint64> ids;
        const QModelIndexList rows = selection.selectedRows();
        for (const QModelIndex &index : rows)
            ids.insert(model.clientAt(index.row())->value());
        return ids;
    };
    const std::set<quint64> expected{3, 4, 70};
    QCOMPARE(selectedIds(), expected);
    model.sort(Model::IdColumn, Qt::DescendingOrder);
    QCOMPARE(selectedIds(), expected);
    model.take(batchOf({}, {counters(50, 9)}));
    model.sort(Model::FramesInColumn, Qt::DescendingOrder);
    QCOMPARE(selectedIds(), expected);
    QCOMPARE(model.clientAt(0)->value(), quint64{50});

    ServerBatch leaving;
    for (quint64 id = 1; id <= 99; id += 2)
        leaving.events.emplace_back(disconnected(id));
    model.take(leaving);
    QCOMPARE(selectedIds(), (std::set<quint64>{4, 70}));
}

void TestClientTableModel::refreshesOnlyTimesOfGivenRows()
{
    Model model;
    model.take(connectedRange(1, 100));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.refreshTimes(10, 20);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex(), model.index(10, Model::LastSeenColumn));
    QCOMPARE(changed[0][1].toModelIndex(), model.index(20, Model::ConnectedForColumn));
    model.refreshTimes(90, 500);
    QCOMPARE(changed[1][1].toModelIndex(), model.index(99, Model::ConnectedForColumn));
    model.refreshTimes(100, 200);
    QCOMPARE(changed.size(), 2);
}

void TestClientTableModel::forgetsAllWhenStopped()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(connectedRange(1, 10));
    const QSignalSpy counts(&model, &Model::countsChanged);
    model.take(batchOf({disconnected(1), ServerStopped()}));
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.connectedCount(), 0);
    QCOMPARE(counts.size(), 1);
}

void TestClientTableModel::agreesWithASimpleModelUnderChurn()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    QRandomGenerator random(4);
    std::set<quint64> expected;
    quint64 nextId = 1;
    for (int round = 0; round < 200; ++round) {
        ServerBatch batch;
        const quint32 arrivals = random.bounded(20u);
        for (quint32 i = 0; i < arrivals; ++i) {
            batch.events.emplace_back(connected(nextId, u"10.1.2.3"_s, static_cast<quint16>(nextId)));
            expected.insert(nextId++);
        }
        for (quint32 i = random.bounded(18u); i > 0 && !expected.empty(); --i) {
            const auto victim
                = std::next(expected.begin(), random.bounded(static_cast<int>(expected.size())));
            batch.events.emplace_back(disconnected(*victim));
            expected.erase(victim);
        }
        for (const quint64 id : expected) {
            if (random.bounded(3) == 0)
                batch.counters.push_back(counters(id, random.bounded(1000u)));
        }
        model.take(batch);
        if (round % 17 == 0)
            model.sort(random.bounded(int(Model::ColumnCount)),
                       round % 2 ? Qt::AscendingOrder : Qt::DescendingOrder);
        QCOMPARE(model.connectedCount(), static_cast<int>(expected.size()));
        const QList<quint64> ids = shownIds(model);
        QCOMPARE(std::set<quint64>(ids.begin(), ids.end()), expected);
        QCOMPARE(static_cast<size_t>(ids.size()), expected.size());
        for (int row = 0; row < model.rowCount(); ++row)
            QCOMPARE(model.rowOf(*model.clientAt(row)), row);
    }
    for (int column = 0; column < model.columnCount(); ++column)
        QVERIFY(!cell(model, 0, column).isEmpty());
}

QTEST_MAIN(TestClientTableModel)
#include "tst_clienttablemodel.moc"
