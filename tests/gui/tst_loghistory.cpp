// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogtable.h"
#include "common/widgets/messagelogview.h"
#include "common/widgets/theme.h"
#include "tests/support/windowtest.h"

#include <QAbstractItemModelTester>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

using Older = MessageLogModel::Older;

LogEntry message(quint64 seq, const QByteArray &payload = {})
{
    LogEntry entry;
    entry.time = QDateTime::fromMSecsSinceEpoch(1'700'000'000'000 + qint64(seq), Qt::UTC);
    entry.kind = LogEntry::Kind::Incoming;
    entry.from = u"ann (3)"_s;
    entry.clientId = 3;
    entry.seq = seq;
    entry.payload = payload.isEmpty() ? "m" + QByteArray::number(seq) : payload;
    return entry;
}

LogEntry ours(quint64 seq, quint32 recipients)
{
    LogEntry entry = message(seq);
    entry.kind = LogEntry::Kind::Outgoing;
    entry.reach.recipients = recipients;
    return entry;
}

LogEntry note(const QByteArray &text, bool isGap = false)
{
    LogEntry entry;
    entry.kind = LogEntry::Kind::Note;
    entry.payload = text;
    entry.isGap = isGap;
    return entry;
}

std::vector<LogEntry> messages(quint64 first, quint64 last)
{
    std::vector<LogEntry> entries;
    for (quint64 seq = first; seq <= last; ++seq)
        entries.push_back(message(seq));
    return entries;
}

QList<quint64> seqs(const MessageLogModel &model)
{
    QList<quint64> list;
    for (int row = 0; row < model.rowCount(); ++row)
        list.append(model.entry(row).seq);
    return list;
}

QString reach(const MessageLogModel &model, int row)
{
    return model.index(row, MessageLogModel::MessageColumn).data(MessageLogModel::ReachRole).toString();
}

} // namespace

class TestLogHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { applyTheme(ThemeChoice::Light); }

    void putsOlderOnesInFront();
    void hasEachMessageOnce();
    void takesOnlyWhatThereIsRoomFor();
    void foundOnesGoWithTheirFilter();
    void foundOnesAreNotFilteredAgain();
    void aFoundMessageThatComesLiveIsThereOnce();
    void asksBehindTheGap();
    void beginsAnew();
    void dropsFoundOnesFirst();
    void tellsHowFarOursGot_data();
    void tellsHowFarOursGot();
    void marksRowsWhereTheyAre();
    void tellsTheDateOfOtherDays_data();
    void tellsTheDateOfOtherDays();

    void keepsWhatIsReadInPlace();
    void followsTheEndWhileOlderOnesCome();
    void asksAtTheTop();
    void barLeadsToOlderOnesAndBack();
};

void TestLogHistory::putsOlderOnesInFront()
{
    MessageLogModel model;
    const QAbstractItemModelTester tester(&model);
    model.append({note("Listening"), message(11)});
    const quint64 serial = model.serial(1);
    QCOMPARE(model.oldestSeq(), std::optional<quint64>(11));
    model.prepend(messages(6, 10), Older::Continuing);
    model.prepend(messages(1, 5), Older::Continuing);
    QCOMPARE(seqs(model), (QList<quint64>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 11}));
    QCOMPARE(model.oldestSeq(), std::optional<quint64>(1));
    QCOMPARE(model.entryBySerial(serial)->seq, 11u);
    QCOMPARE(model.totals().rows, 12u);
    model.clear();
    QVERIFY(!model.oldestSeq());
    model.prepend(messages(1, 2), Older::Continuing);
    QCOMPARE(seqs(model), (QList<quint64>{1, 2}));
}

void TestLogHistory::hasEachMessageOnce()
{
    MessageLogModel model;
    const QAbstractItemModelTester tester(&model);
    model.append({message(4)});
    model.prepend(messages(1, 5), Older::Continuing);
    QCOMPARE(seqs(model), (QList<quint64>{1, 2, 3, 5, 4}));
    model.append({message(5), message(6), message(2)});
    QCOMPARE(seqs(model), (QList<quint64>{1, 2, 3, 5, 4, 6}));
    // What is no message of the history has no number and may come as often as it likes.
    model.append({note("a"), note("a")});
    QCOMPARE(model.rowCount(), 8);
}

void TestLogHistory::takesOnlyWhatThereIsRoomFor()
{
    MessageLogModel model({.rows = 5, .payloadBytes = 1000}, nullptr);
    const QAbstractItemModelTester tester(&model);
    model.append(messages(10, 11));
    QVERIFY(model.hasRoom());
    model.prepend(messages(1, 9), Older::Continuing);
    QCOMPARE(seqs(model), (QList<quint64>{7, 8, 9, 10, 11}));
    QVERIFY(!model.hasRoom());
    model.append(messages(12, 13));
    QCOMPARE(seqs(model), (QList<quint64>{9, 10, 11, 12, 13}));
    // What was dropped can be read again.
    MessageLogModel other({.rows = 3, .payloadBytes = 1000}, nullptr);
    other.append(messages(1, 6));
    QCOMPARE(other.oldestSeq(), std::optional<quint64>(4));
    other.clear();
    other.prepend(messages(2, 4), Older::Continuing);
    QCOMPARE(seqs(other), (QList<quint64>{2, 3, 4}));

    MessageLogModel small({.rows = 100, .payloadBytes = 10}, nullptr);
    small.prepend({message(1, "1234567"), message(2, "1234567")}, Older::Continuing);
    QCOMPARE(seqs(small), QList<quint64>{2});
}

void TestLogHistory::foundOnesGoWithTheirFilter()
{
    MessageLogModel model;
    const QAbstractItemModelTester tester(&model);
    model.setHistory(true);
    model.append({message(101, "tea"), message(102, "milk"), message(103, "more tea")});
    QSignalSpy changed(&model, &MessageLogModel::filterChanged);
    model.setTextFilter(u"tea"_s);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(model.oldestSeq(), std::optional<quint64>(101));
    model.prepend({message(7, "tea?"), message(50, "tea!")}, Older::Found);
    model.prepend({message(3, "tea…")}, Older::Found);
    QCOMPARE(seqs(model), (QList<quint64>{3, 7, 50, 101, 103}));
    QCOMPARE(model.oldestSeq(), std::optional<quint64>(3));
    QCOMPARE(model.foundRows(), 3);
    model.append({message(104, "tea again"), message(105, "milk")});
    QCOMPARE(seqs(model), (QList<quint64>{3, 7, 50, 101, 103, 104}));
    model.setTextFilter(u"milk"_s);
    QCOMPARE(seqs(model), (QList<quint64>{102, 105}));
    model.prepend({message(9, "milk?")}, Older::Found);
    model.setTextFilter({});
    QCOMPARE(seqs(model), (QList<quint64>{101, 102, 103, 104, 105}));
    QCOMPARE(model.storedRows(), 5);
    QCOMPARE(model.totals().rows, 5u);
    const quint64 bytes = model.storedPayloadBytes();
    // An answer that comes too late puts nothing between rows that follow each other.
    model.prepend({message(9, "milk?")}, Older::Found);
    QCOMPARE(model.rowCount(), 5);
    QCOMPARE(model.storedPayloadBytes(), bytes);
}

void TestLogHistory::foundOnesAreNotFilteredAgain()
{
    MessageLogModel model;
    model.setHistory(true);
    model.append({message(101)});
    model.setTextFilter(u"café"_s);
    model.prepend({message(7, "CAFÉ as the database sees it")}, Older::Found);
    QCOMPARE(seqs(model), QList<quint64>{7});
}

void TestLogHistory::aFoundMessageThatComesLiveIsThereOnce()
{
    MessageLogModel model;
    const QAbstractItemModelTester tester(&model);
    model.setHistory(true);
    model.setTextFilter(u"tea"_s);
    model.prepend({message(7, "tea")}, Older::Found);
    model.append({message(7, "tea"), message(8, "tea")});
    QCOMPARE(seqs(model), (QList<quint64>{7, 8}));
    model.setTextFilter({});
    QCOMPARE(seqs(model), (QList<quint64>{7, 8}));
}

void TestLogHistory::asksBehindTheGap()
{
    MessageLogModel model;
    const QAbstractItemModelTester tester(&model);
    model.setHistory(true);
    model.append({message(10), note("2 messages not shown", true), message(13)});
    QCOMPARE(model.oldestSeq(), std::optional<quint64>(10));
    // What is missing in the gap is found; so the history tells all that is before it.
    model.setTextFilter(u"m"_s);
    QCOMPARE(seqs(model), (QList<quint64>{0, 13}));
    QCOMPARE(model.oldestSeq(), std::optional<quint64>(13));
    model.prepend(messages(9, 12), Older::Found);
    QCOMPARE(seqs(model), (QList<quint64>{9, 10, 11, 12, 0, 13}));
    model.setTextFilter({});
    QCOMPARE(seqs(model), (QList<quint64>{10, 0, 13}));
    // Without a history there is nothing to ask.
    model.setHistory(false);
    model.setTextFilter(u"m"_s);
    QCOMPARE(seqs(model), (QList<quint64>{10, 0, 13}));
}

void TestLogHistory::beginsAnew()
{
    MessageLogModel model;
    model.append(messages(1, 3));
    model.beginAnew();
    model.append(messages(1, 2));
    QCOMPARE(seqs(model), (QList<quint64>{1, 2, 3, 1, 2}));
    model.setDelivered(3, 9);
    QCOMPARE(model.rowCount(), 5);
}

void TestLogHistory::dropsFoundOnesFirst()
{
    MessageLogModel model({.rows = 4, .payloadBytes = 1000}, nullptr);
    const QAbstractItemModelTester tester(&model);
    model.setHistory(true);
    model.append(messages(11, 12));
    model.setTextFilter(u"m"_s);
    model.prepend(messages(1, 2), Older::Found);
    QVERIFY(!model.hasRoom());
    model.append(messages(13, 15));
    QCOMPARE(seqs(model), (QList<quint64>{12, 13, 14, 15}));
    QCOMPARE(model.foundRows(), 0);
    model.setTextFilter({});
    QCOMPARE(seqs(model), (QList<quint64>{12, 13, 14, 15}));
}

void TestLogHistory::tellsHowFarOursGot_data()
{
    QTest::addColumn<bool>("hasHistory");
    QTest::addColumn<int>("recipients");
    QTest::addColumn<bool>("isStored");
    QTest::addColumn<int>("delivered");
    QTest::addColumn<QString>("text");
    QTest::newRow("on its way to the disk") << true << 2 << false << 0 << u"not stored yet"_s;
    QTest::newRow("stored") << true << 2 << true << 0 << u"stored, delivered 0 of 2"_s;
    QTest::newRow("to one of two") << true << 2 << true << 1 << u"delivered 1 of 2"_s;
    QTest::newRow("to both") << true << 2 << true << 2 << u"delivered 2 of 2"_s;
    QTest::newRow("to the only one") << true << 1 << true << 1 << u"delivered"_s;
    QTest::newRow("to more than there are") << true << 1 << true << 3 << u"delivered"_s;
    QTest::newRow("to plain clients") << true << 0 << true << 0 << u"stored"_s;
    QTest::newRow("to plain clients, not yet") << true << 0 << false << 0 << QString();
    QTest::newRow("without a history") << false << 2 << true << 0 << u"delivered 0 of 2"_s;
    QTest::newRow("to plain clients without one") << false << 0 << true << 0 << QString();
}

void TestLogHistory::tellsHowFarOursGot()
{
    QFETCH(bool, hasHistory);
    QFETCH(int, recipients);
    QFETCH(bool, isStored);
    QFETCH(int, delivered);
    MessageLogModel model;
    model.setHistory(hasHistory);
    model.append({ours(5, static_cast<quint32>(recipients)), message(6)});
    if (isStored)
        model.setStored(5);
    for (int i = 1; i <= delivered; ++i) {
        model.setDelivered(5, static_cast<quint64>(i));
        model.setDelivered(5, static_cast<quint64>(i)); // once is enough
    }
    QTEST(reach(model, 0), "text");
    model.setStored(6); // somebody else's
    QCOMPARE(reach(model, 1), QString());
}

void TestLogHistory::marksRowsWhereTheyAre()
{
    MessageLogModel model;
    model.setHistory(true);
    model.append({message(4), ours(5, 1)});
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setStored(5);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex().row(), 1);
    model.setStored(5);
    model.setStored(99);
    QCOMPARE(changed.size(), 1);
    model.setTextFilter(u"nothing like it"_s);
    model.setDelivered(5, 1);
    QCOMPARE(changed.size(), 1); // hidden
    model.prepend({ours(2, 1)}, Older::Found);
    model.setDelivered(2, 1);
    QCOMPARE(changed.size(), 2);
    QCOMPARE(reach(model, 0), u"delivered"_s);
    model.setTextFilter({});
    QCOMPARE(reach(model, 1), u"delivered"_s);
}

void TestLogHistory::tellsTheDateOfOtherDays_data()
{
    QTest::addColumn<QDate>("today");
    QTest::addColumn<QString>("text");
    QTest::newRow("today") << QDate(2024, 2, 29) << u"13:14:15.016"_s;
    QTest::newRow("yesterday") << QDate(2024, 3, 1) << u"02-29 13:14"_s;
    QTest::newRow("last year") << QDate(2025, 2, 28) << u"2024-02-29"_s;
}

void TestLogHistory::tellsTheDateOfOtherDays()
{
    QFETCH(QDate, today);
    LogEntry entry;
    entry.time = QDateTime(QDate(2024, 2, 29), QTime(13, 14, 15, 16), Qt::LocalTime).toUTC();
    QTEST(entry.timeText(today), "text");
}

void TestLogHistory::keepsWhatIsReadInPlace()
{
    MessageLogModel model;
    MessageLogTable table(&model, nullptr);
    table.resize(600, 400);
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    model.append(messages(1001, 1100));
    QTRY_VERIFY(table.verticalScrollBar()->maximum() > 0);
    table.verticalScrollBar()->setValue(table.verticalScrollBar()->maximum() / 2);
    QVERIFY(!table.isAtEnd());
    const auto topSeq = [&] {
        return model.entry(table.rowAt(0)).seq;
    };
    const quint64 before = topSeq();
    model.prepend(messages(901, 1000), Older::Continuing);
    QCOMPARE(topSeq(), before);
    QTest::qWait(0);
    QCOMPARE(topSeq(), before);
    // They are no news.
    auto *jump = table.findChild<QPushButton *>(u"jumpToLatest"_s);
    QVERIFY(jump->isVisible());
    QVERIFY2(!jump->text().contains(u"new"), qPrintable(jump->text()));
}

void TestLogHistory::followsTheEndWhileOlderOnesCome()
{
    MessageLogModel model;
    MessageLogTable table(&model, nullptr);
    table.resize(600, 400);
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    model.append(messages(1001, 1100));
    model.prepend(messages(901, 1000), Older::Continuing);
    QTRY_VERIFY(table.verticalScrollBar()->maximum() > 0);
    QVERIFY(table.isAtEnd());
    QTRY_COMPARE(table.verticalScrollBar()->value(), table.verticalScrollBar()->maximum());
}

void TestLogHistory::asksAtTheTop()
{
    MessageLogModel model;
    MessageLogView view(&model, MessageLogView::Clients::Many);
    view.resize(800, 400);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    const QSignalSpy asked(&view, &MessageLogView::olderRequested);
    model.append(messages(1001, 1100));
    QScrollBar *bar = view.table()->verticalScrollBar();
    QTRY_VERIFY(bar->maximum() > 0);
    bar->setValue(0);
    QCOMPARE(asked.size(), 0); // There is no history.
    view.setOlder(OlderBar::State::More);
    bar->setValue(bar->maximum());
    bar->setValue(0);
    QCOMPARE(asked.size(), 1);
    view.setOlder(OlderBar::State::Loading);
    bar->setValue(bar->maximum());
    bar->setValue(0);
    QCOMPARE(asked.size(), 1);
    model.prepend(messages(901, 1000), Older::Continuing);
    QVERIFY(bar->value() > 0);
    QCOMPARE(asked.size(), 1);
}

void TestLogHistory::barLeadsToOlderOnesAndBack()
{
    MessageLogModel model;
    model.setHistory(true);
    MessageLogView view(&model, MessageLogView::Clients::Many);
    view.resize(800, 400);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    const QSignalSpy asked(&view, &MessageLogView::olderRequested);
    model.append(messages(11, 12));
    auto *older = findNamed<QPushButton>(view, u"Show older messages"_s);
    auto *back = findNamed<QPushButton>(view, u"Back to all messages"_s);
    QVERIFY(!older->isVisible());
    view.setOlder(OlderBar::State::More);
    QVERIFY(older->isVisible());
    QVERIFY(!back->isVisible());
    QTest::mouseClick(older, Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    view.setOlder(OlderBar::State::Nothing);
    QVERIFY(!older->isVisible());
    QVERIFY(!isTextShown(view, u"history"_s));

    model.setTextFilter(u"zzz"_s);
    view.setOlder(OlderBar::State::Loading);
    QVERIFY(isTextShown(view, u"Searching the history"_s));
    view.setOlder(OlderBar::State::Nothing);
    QVERIFY(isTextShown(view, u"The whole history was searched."_s));
    QVERIFY(isTextShown(view, u"No message matches the filter"_s));
    QVERIFY(back->isVisible());
    QTest::mouseClick(back, Qt::LeftButton);
    QVERIFY(!model.isFiltered());
    QVERIFY(!back->isVisible());
    view.setOlder(OlderBar::State::Full);
    QVERIFY(isTextShown(view, u"No more rows fit in here."_s));
    view.setOlder({});
    QVERIFY(!isTextShown(view, u"No more rows fit in here."_s));
}

QTEST_MAIN(TestLogHistory)
#include "tst_loghistory.moc"
