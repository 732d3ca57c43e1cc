// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historystore.h"
#include "server-gui/window/clienttablemodel.h"

#include <QAbstractItemModelTester>
#include <QItemSelectionModel>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <map>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

using Model = ClientTableModel;
using chat::PresenceState;

constexpr qint64 kStart = 1'700'000'000'000;

QDateTime at(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(kStart + ms, Qt::UTC);
}

ClientConnected connected(quint64 id, quint16 port = 5000)
{
    return {ClientId(id), u"127.0.0.1"_s, port, at(0), FrameFormat::Auto};
}

ClientFormatKnown speaksChat(quint64 id)
{
    return {ClientId(id), FrameFormat::U32BE, true, at(0), true};
}

ClientNamed named(quint64 id, quint64 was, const QString &name)
{
    return {ClientId(id), ClientId(was), name, at(0)};
}

KnownClient known(quint64 id, const QString &name, PresenceState state, quint64 waiting = 0, qint64 since = 0)
{
    return {ClientId(id), name, state, at(since), waiting};
}

ClientDisconnected disconnected(quint64 id, qint64 when = 0)
{
    return {ClientId(id), at(when), u"gone"_s};
}

ServerBatch batchOf(std::vector<ServerEvent> events)
{
    ServerBatch batch;
    batch.events = std::move(events);
    return batch;
}

/// What the server tells when somebody new joins.
ServerBatch joined(quint64 id, const QString &name)
{
    return batchOf({connected(id), speaksChat(id), named(id, id, name),
                    PresenceChanged{known(id, name, PresenceState::Online)}});
}

/// What the server tells when `id` comes back, on the connection that was `was` at first.
ServerBatch cameBack(quint64 id, quint64 was, const QString &name, quint16 port = 6000)
{
    return batchOf({connected(was, port), speaksChat(was), named(id, was, name),
                    PresenceChanged{known(id, name, PresenceState::Online)}});
}

ServerBatch left(quint64 id, const QString &name, quint64 waiting = 0, qint64 when = 0)
{
    return batchOf(
        {disconnected(id, when), PresenceChanged{known(id, name, PresenceState::Offline, waiting, when)}});
}

QString cell(const Model &model, quint64 id, int column, int role = Qt::DisplayRole)
{
    const int row = model.rowOf(ClientId(id));
    return row < 0 ? u"no row"_s : model.index(row, column).data(role).toString();
}

QList<quint64> shownIds(const Model &model)
{
    QList<quint64> ids;
    for (int row = 0; row < model.rowCount(); ++row)
        ids.append(model.clientAt(row)->value());
    return ids;
}

QVariant ink(const Model &model, quint64 id, int column)
{
    return model.index(model.rowOf(ClientId(id)), column).data(Qt::ForegroundRole);
}

} // namespace

class TestClientPresence : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsWhoJoined();
    void tellsPresence_data();
    void tellsPresence();
    void greysWhoLeft();
    void keepsNoRowOfPlainClients();
    void showsWhoIsKnownFromTheStart();
    void keepsNoRowOfWhoIsForgotten();
    void countsWhatWaits_data();
    void countsWhatWaits();
    void tellsTheRoundTrip_data();
    void tellsTheRoundTrip();
    void renumbersWhoComesBack();
    void givesTheConnectionToTheRowThatIsThere();
    void exchangesWithAConnectionThatIsStillThere();
    void putsOfflineClientsLast();
    void sortsByName();
    void sortsByState();
    void findsNames_data();
    void findsNames();
    void filterFollowsNamesAndPresence();
    void namesAreShownHarmless();
    void forgetsAllWhenStopped();
    void ignoresWhatItDoesNotKnow();
    void agreesWithASimpleModelUnderChurn();
    void takesTenThousand();
};

void TestClientPresence::showsWhoJoined()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(joined(4, u"ann"_s));
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(cell(model, 4, Model::NameColumn), u"ann"_s);
    QCOMPARE(cell(model, 4, Model::StateColumn), u"Online"_s);
    QCOMPARE(cell(model, 4, Model::FormatColumn), u"chat"_s);
    QCOMPARE(model.connectedCount(), 1);
    QCOMPARE(model.offlineCount(), 0);
    model.take(batchOf({named(4, 4, u"anna"_s)}));
    QCOMPARE(cell(model, 4, Model::NameColumn), u"anna"_s);
}

void TestClientPresence::tellsPresence_data()
{
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("toolTip");
    QTest::newRow("online") << int(PresenceState::Online) << u"Online"_s << u"Online since "_s;
    QTest::newRow("away") << int(PresenceState::Away) << u"Away"_s << u"Away since "_s;
}

void TestClientPresence::tellsPresence()
{
    QFETCH(int, state);
    QFETCH(QString, text);
    QFETCH(QString, toolTip);
    Model model;
    model.take(joined(1, u"ann"_s));
    model.take(batchOf({PresenceChanged{known(1, u"ann"_s, static_cast<PresenceState>(state))}}));
    QCOMPARE(cell(model, 1, Model::StateColumn), text);
    QVERIFY(cell(model, 1, Model::StateColumn, Qt::ToolTipRole).startsWith(toolTip));
    QVERIFY(!ink(model, 1, Model::StateColumn).isValid());
}

void TestClientPresence::greysWhoLeft()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.setClock([] { return kStart + 90'000; });
    model.take(joined(1, u"ann"_s));
    QVERIFY(!ink(model, 1, Model::NameColumn).isValid());
    model.take(left(1, u"ann"_s, 3, 30'000));
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.connectedCount(), 0);
    QCOMPARE(model.offlineCount(), 1);
    QVERIFY(!model.isConnected(ClientId(1)));
    QCOMPARE(cell(model, 1, Model::StateColumn), u"Offline"_s);
    QCOMPARE(cell(model, 1, Model::LastSeenColumn), u"1 min ago"_s);
    QVERIFY(cell(model, 1, Model::StateColumn, Qt::ToolTipRole).startsWith(u"Offline, last seen "));
    QCOMPARE(cell(model, 1, Model::WaitingColumn), u"3"_s);
    for (const int column : {Model::AddressColumn, Model::ConnectedForColumn, Model::RoundTripColumn,
                             Model::QueuedColumn, Model::FramesInColumn, Model::BytesOutColumn})
        QCOMPARE(cell(model, 1, column), u"–"_s);
    for (const int column : {Model::IdColumn, Model::NameColumn, Model::StateColumn, Model::LastSeenColumn})
        QVERIFY(ink(model, 1, column).isValid());
    QVERIFY(!ink(model, 1, Model::WaitingColumn).isValid());
}

void TestClientPresence::keepsNoRowOfPlainClients()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(batchOf({connected(1), connected(2), speaksChat(2)}));
    QCOMPARE(cell(model, 1, Model::StateColumn), u"Connected"_s);
    // One that speaks chat and has not said who it is leaves nothing behind either.
    model.take(batchOf({disconnected(1), disconnected(2)}));
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.offlineCount(), 0);
}

void TestClientPresence::showsWhoIsKnownFromTheStart()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    const QSignalSpy counts(&model, &Model::countsChanged);
    model.take(batchOf({ClientsKnown{
        {known(3, u"cem"_s, PresenceState::Offline), known(9, u"bo"_s, PresenceState::Offline, 12)}}}));
    QCOMPARE(counts.size(), 1);
    QCOMPARE(shownIds(model), (QList<quint64>{3, 9}));
    QCOMPARE(cell(model, 9, Model::NameColumn), u"bo"_s);
    QCOMPARE(cell(model, 9, Model::WaitingColumn), u"12"_s);
    QCOMPARE(model.connectedCount(), 0);
    QCOMPARE(model.offlineCount(), 2);
}

void TestClientPresence::keepsNoRowOfWhoIsForgotten()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(joined(1, u"ann"_s));
    model.take(batchOf({ClientsKnown{
        {known(3, u"cem"_s, PresenceState::Offline), known(9, u"bo"_s, PresenceState::Offline, 12)}}}));
    // Who is there is not, whatever is said; nor does one that nobody knows matter.
    model.take(
        batchOf({ClientForgotten{ClientId(3)}, ClientForgotten{ClientId(1)}, ClientForgotten{ClientId(7)}}));
    QCOMPARE(shownIds(model), (QList<quint64>{1, 9}));
    QCOMPARE(model.offlineCount(), 1);
    // In the batch that it went in.
    ServerBatch both = left(1, u"ann"_s);
    both.events.push_back(ClientForgotten{ClientId(1)});
    model.take(both);
    QCOMPARE(shownIds(model), (QList<quint64>{9}));
    model.take(joined(10, u"dee"_s));
    QTRY_COMPARE(shownIds(model), (QList<quint64>{10, 9}));
}

void TestClientPresence::countsWhatWaits_data()
{
    QTest::addColumn<quint64>("count");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("toolTip");
    QTest::newRow("none") << quint64{0} << u"–"_s << u"No message waits for it"_s;
    QTest::newRow("one") << quint64{1} << u"1"_s << u"1 message stored for it until it comes back"_s;
    QTest::newRow("as many as are counted") << HistoryStore::kMostCounted << u"9,999+"_s
                                            << u"At least 9,999 messages stored for it until it comes back"_s;
}

void TestClientPresence::countsWhatWaits()
{
    QFETCH(quint64, count);
    Model model;
    model.take(joined(1, u"ann"_s));
    model.take(left(1, u"ann"_s, 5));
    ServerBatch batch;
    batch.waiting.push_back({ClientId(1), count});
    model.take(batch);
    QTEST(cell(model, 1, Model::WaitingColumn), "text");
    QTEST(cell(model, 1, Model::WaitingColumn, Qt::ToolTipRole), "toolTip");
    model.take(cameBack(1, 7, u"ann"_s));
    QCOMPARE(cell(model, 1, Model::WaitingColumn), u"–"_s);
}

void TestClientPresence::tellsTheRoundTrip_data()
{
    QTest::addColumn<qint64>("microseconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("not measured") << qint64{-1} << u"–"_s;
    QTest::newRow("fast") << qint64{312} << u"0.3 ms"_s;
    QTest::newRow("slow") << qint64{48'700} << u"49 ms"_s;
}

void TestClientPresence::tellsTheRoundTrip()
{
    QFETCH(qint64, microseconds);
    Model model;
    ServerBatch batch = joined(1, u"ann"_s);
    ClientCounters counters;
    counters.id = ClientId(1);
    counters.roundTripMicroseconds = microseconds;
    counters.queuedBytes = 4'000;
    counters.waiting = 2;
    batch.counters.push_back(counters);
    model.take(batch);
    QTEST(cell(model, 1, Model::RoundTripColumn), "text");
    QCOMPARE(cell(model, 1, Model::WaitingColumn), u"2"_s);
    QVERIFY(cell(model, 1, Model::WaitingColumn, Qt::ToolTipRole).contains(u"not acknowledged"));
    QVERIFY(cell(model, 1, Model::QueuedColumn).startsWith(u"4"));
}

void TestClientPresence::renumbersWhoComesBack()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    QItemSelectionModel selection(&model);
    model.take(batchOf({connected(20), connected(21)}));
    selection.select(model.index(model.rowOf(ClientId(21)), 0),
                     QItemSelectionModel::Select | QItemSelectionModel::Rows);
    // The history may be too old to have told of it.
    model.take(batchOf({speaksChat(21), named(4, 21, u"dee"_s)}));
    QCOMPARE(model.rowOf(ClientId(21)), -1);
    QCOMPARE(cell(model, 4, Model::NameColumn), u"dee"_s);
    QCOMPARE(model.connectedCount(), 2);
    QTRY_COMPARE(shownIds(model), (QList<quint64>{4, 20}));
    QCOMPARE(selection.selectedRows().size(), 1);
    QCOMPARE(selection.selectedRows().first().data().toString(), u"4"_s);
}

void TestClientPresence::givesTheConnectionToTheRowThatIsThere()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    QItemSelectionModel selection(&model);
    model.take(joined(1, u"ann"_s));
    model.take(joined(2, u"bo"_s));
    model.take(left(1, u"ann"_s));
    QTRY_COMPARE(shownIds(model), (QList<quint64>{2, 1}));
    selection.select(model.index(model.rowOf(ClientId(1)), 0),
                     QItemSelectionModel::Select | QItemSelectionModel::Rows);

    model.take(batchOf({connected(3, 6000), speaksChat(3)}));
    QCOMPARE(model.rowCount(), 3);
    model.take(batchOf({named(1, 3, u"ann"_s), PresenceChanged{known(1, u"ann"_s, PresenceState::Online)}}));
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(cell(model, 1, Model::AddressColumn), u"127.0.0.1:6000"_s);
    QCOMPARE(cell(model, 1, Model::StateColumn), u"Online"_s);
    QCOMPARE(model.connectedCount(), 2);
    QCOMPARE(model.offlineCount(), 0);
    QTRY_COMPARE(shownIds(model), (QList<quint64>{1, 2}));
    QCOMPARE(selection.selectedRows().size(), 1);
    QCOMPARE(selection.selectedRows().first().data().toString(), u"1"_s);
}

void TestClientPresence::exchangesWithAConnectionThatIsStillThere()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(joined(1, u"ann"_s));
    model.take(cameBack(1, 2, u"ann"_s, 6000));
    QCOMPARE(cell(model, 1, Model::AddressColumn), u"127.0.0.1:6000"_s);
    QCOMPARE(cell(model, 2, Model::AddressColumn), u"127.0.0.1:5000"_s);
    QCOMPARE(cell(model, 2, Model::NameColumn), u"–"_s);
    QCOMPARE(cell(model, 1, Model::StateColumn), u"Online"_s);
    QCOMPARE(model.connectedCount(), 2);
    model.take(batchOf({disconnected(2)}));
    QCOMPARE(shownIds(model), QList<quint64>{1});
    QCOMPARE(model.connectedCount(), 1);
    QCOMPARE(model.offlineCount(), 0);
}

void TestClientPresence::putsOfflineClientsLast()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    for (const quint64 id : {1, 2, 3, 4})
        model.take(joined(id, u"c"_s));
    model.take(left(2, u"c"_s));
    model.take(left(1, u"c"_s));
    QTRY_COMPARE(shownIds(model), (QList<quint64>{3, 4, 1, 2}));
    model.sort(Model::IdColumn, Qt::DescendingOrder);
    QCOMPARE(shownIds(model), (QList<quint64>{4, 3, 2, 1}));
    // Newcomers stand before them, too.
    model.sort(Model::IdColumn, Qt::AscendingOrder);
    model.take(batchOf({connected(9)}));
    QTRY_COMPARE(shownIds(model), (QList<quint64>{3, 4, 9, 1, 2}));
}

void TestClientPresence::sortsByName()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(joined(1, u"bo"_s));
    model.take(joined(2, u"Ann of the very long name, 2"_s));
    model.take(joined(3, u"ann of the very long name, 1"_s));
    model.take(batchOf({connected(4)}));
    model.sort(Model::NameColumn, Qt::AscendingOrder);
    QCOMPARE(shownIds(model), (QList<quint64>{3, 2, 1, 4}));
    model.take(batchOf({named(1, 1, u"aaron"_s)}));
    QTRY_COMPARE(shownIds(model), (QList<quint64>{1, 3, 2, 4}));
}

void TestClientPresence::sortsByState()
{
    Model model;
    model.take(batchOf({connected(1)}));
    for (const quint64 id : {2, 3, 4})
        model.take(joined(id, u"c"_s));
    model.take(batchOf({PresenceChanged{known(2, u"c"_s, PresenceState::Away)}}));
    model.take(left(3, u"c"_s));
    model.sort(Model::StateColumn, Qt::AscendingOrder);
    QCOMPARE(shownIds(model), (QList<quint64>{4, 2, 1, 3}));
}

void TestClientPresence::findsNames_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QList<quint64>>("expected");
    QTest::newRow("part of a name, any case") << u"NN"_s << QList<quint64>{1, 3};
    QTest::newRow("of who is offline") << u"boris"_s << QList<quint64>{2};
    QTest::newRow("a state") << u"offline"_s << QList<quint64>{2, 3};
    QTest::newRow("what a state begins with") << u"off"_s << QList<quint64>{2, 3};
    QTest::newRow("what a state contains") << u"line"_s << QList<quint64>();
    QTest::newRow("the format") << u"chat"_s << QList<quint64>{1, 2, 3};
    QTest::newRow("nobody") << u"zoe"_s << QList<quint64>();
}

void TestClientPresence::findsNames()
{
    QFETCH(QString, text);
    QFETCH(QList<quint64>, expected);
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.setFilterText(text);
    model.take(joined(1, u"Ann"_s));
    model.take(joined(2, u"Boris"_s));
    model.take(left(2, u"Boris"_s));
    model.take(batchOf({ClientsKnown{{known(3, u"Hanna"_s, PresenceState::Offline)}}}));
    QCOMPARE(shownIds(model), expected);
    model.setFilterText({});
    QCOMPARE(model.rowCount(), 3);
    model.setFilterText(text);
    QCOMPARE(shownIds(model), expected);
}

void TestClientPresence::filterFollowsNamesAndPresence()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.setFilterText(u"ann"_s);
    model.take(joined(1, u"bo"_s));
    QCOMPARE(model.rowCount(), 0);
    model.take(batchOf({named(1, 1, u"ann"_s)}));
    QCOMPARE(shownIds(model), QList<quint64>{1});
    model.setFilterText(u"online"_s);
    QCOMPARE(shownIds(model), QList<quint64>{1});
    model.take(left(1, u"ann"_s));
    QCOMPARE(model.rowCount(), 0);
    model.take(cameBack(1, 2, u"ann"_s));
    QCOMPARE(shownIds(model), QList<quint64>{1});
}

void TestClientPresence::namesAreShownHarmless()
{
    Model model;
    model.take(joined(1, u"<b>x</b>\n\u202e"_s));
    const QString name = cell(model, 1, Model::NameColumn);
    QVERIFY(name.startsWith(u"<b>x</b>"));
    QVERIFY(!name.contains(u'\n') && !name.contains(QChar(0x202e)));
    QVERIFY(cell(model, 1, Model::NameColumn, Qt::ToolTipRole).contains(u"&lt;b&gt;"));
}

void TestClientPresence::forgetsAllWhenStopped()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    model.take(joined(1, u"ann"_s));
    model.take(left(1, u"ann"_s));
    ServerBatch restart = batchOf({disconnected(1), ServerStopped(), ServerListening{u"127.0.0.1"_s, 1},
                                   ClientsKnown{{known(5, u"eve"_s, PresenceState::Offline)}}});
    model.take(restart);
    QCOMPARE(shownIds(model), QList<quint64>{5});
    QCOMPARE(model.offlineCount(), 1);
}

void TestClientPresence::ignoresWhatItDoesNotKnow()
{
    Model model;
    const QAbstractItemModelTester tester(&model);
    ServerBatch batch = batchOf({named(1, 2, u"ann"_s), named(3, 3, u"bo"_s),
                                 PresenceChanged{known(4, u"cem"_s, PresenceState::Online)}});
    batch.waiting.push_back({ClientId(8), 3});
    model.take(batch);
    QCOMPARE(model.rowCount(), 0);
    // A disconnection is told once; a second one must not count twice.
    model.take(joined(1, u"ann"_s));
    model.take(batchOf({disconnected(1), disconnected(1)}));
    QCOMPARE(model.connectedCount(), 0);
    QCOMPARE(model.offlineCount(), 1);
}

void TestClientPresence::agreesWithASimpleModelUnderChurn()
{
    struct Expected
    {
        bool isConnected = false;
        bool isKnown = false;
    };

    Model model;
    const QAbstractItemModelTester tester(&model);
    QRandomGenerator random(7);
    std::map<quint64, Expected> expected;
    quint64 nextId = 1;
    const auto pick = [&](auto condition) -> quint64 {
        std::vector<quint64> fitting;
        for (const auto &[id, client] : expected) {
            if (condition(client))
                fitting.push_back(id);
        }
        return fitting.empty() ? 0 : fitting[static_cast<size_t>(random.bounded(int(fitting.size())))];
    };
    const auto isHere = [](const Expected &client) {
        return client.isConnected;
    };
    const auto isKnown = [](const Expected &client) {
        return client.isKnown;
    };
    for (int round = 0; round < 300; ++round) {
        ServerBatch batch;
        const auto add = [&batch](const ServerBatch &more) {
            batch.events.insert(batch.events.end(), more.events.begin(), more.events.end());
        };
        for (int step = random.bounded(12); step > 0; --step) {
            const quint64 id = nextId;
            switch (random.bounded(4)) {
            case 0:
                add(batchOf({connected(id)}));
                expected[nextId++] = {true, false};
                break;
            case 1:
                add(joined(id, u"name %1"_s.arg(id)));
                expected[nextId++] = {true, true};
                break;
            case 2:
                if (const quint64 gone = pick(isHere)) {
                    add(batchOf({disconnected(gone)}));
                    if (expected[gone].isKnown)
                        expected[gone].isConnected = false;
                    else
                        expected.erase(gone);
                }
                break;
            default:
                if (const quint64 back = pick(isKnown)) {
                    const quint64 was = nextId++;
                    add(cameBack(back, was, u"back %1"_s.arg(back)));
                    if (expected[back].isConnected)
                        expected[was] = {true, false};
                    expected[back].isConnected = true;
                }
            }
        }
        model.take(batch);
        if (round % 13 == 0)
            model.sort(random.bounded(int(Model::ColumnCount)),
                       round % 2 ? Qt::AscendingOrder : Qt::DescendingOrder);
        QCOMPARE(model.rowCount(), static_cast<int>(expected.size()));
        QCOMPARE(model.connectedCount(),
                 static_cast<int>(std::count_if(expected.begin(), expected.end(),
                                                [](const auto &pair) { return pair.second.isConnected; })));
        for (int row = 0; row < model.rowCount(); ++row) {
            const ClientId id = *model.clientAt(row);
            QVERIFY(expected.contains(id.value()));
            QCOMPARE(model.rowOf(id), row);
            QCOMPARE(model.isConnected(id), expected[id.value()].isConnected);
        }
    }
}

void TestClientPresence::takesTenThousand()
{
    Model model;
    ClientsKnown everyone;
    for (quint64 id = 1; id <= 10'000; ++id)
        everyone.clients.push_back(known(id, u"client %1"_s.arg(id), PresenceState::Offline));
    model.take(batchOf({everyone}));
    QCOMPARE(model.offlineCount(), 10'000);
    QItemSelectionModel selection(&model);
    selection.select(model.index(model.rowOf(ClientId(5'000)), 0),
                     QItemSelectionModel::Select | QItemSelectionModel::Rows);
    ServerBatch back;
    for (quint64 id = 1; id <= 10'000; ++id) {
        const ServerBatch one = cameBack(id, 20'000 + id, u"client %1"_s.arg(id));
        back.events.insert(back.events.end(), one.events.begin(), one.events.end());
    }
    model.take(back);
    QCOMPARE(model.connectedCount(), 10'000);
    QCOMPARE(model.rowCount(), 10'000);
    QCOMPARE(selection.selectedRows().first().data().toString(), u"5000"_s);
}

QTEST_MAIN(TestClientPresence)
#include "tst_clientpresence.moc"
