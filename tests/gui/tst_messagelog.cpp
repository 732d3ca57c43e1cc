// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/emptystate.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/messagelogview.h"
#include "common/widgets/payloadview.h"
#include "common/widgets/theme.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QHeaderView>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

using Kind = LogEntry::Kind;

LogEntry message(quint64 client, const QByteArray &payload, Kind kind = Kind::Incoming)
{
    LogEntry entry;
    entry.time = QDateTime(QDate(2024, 2, 29), QTime(13, 14, 15, 16), Qt::UTC);
    entry.kind = kind;
    entry.from = kind == Kind::Incoming ? QString::number(client) : u"operator"_s;
    entry.to = kind == Kind::Incoming ? u"operator"_s : QString::number(client);
    entry.clientId = client;
    entry.payload = payload;
    return entry;
}

LogEntry sentence(Kind kind, const QByteArray &text, quint64 client = 0)
{
    LogEntry entry;
    entry.time = QDateTime(QDate(2024, 2, 29), QTime(13, 14, 15, 16), Qt::UTC);
    entry.kind = kind;
    entry.clientId = client;
    entry.payload = text;
    return entry;
}

std::vector<LogEntry> numbered(int first, int count)
{
    std::vector<LogEntry> entries;
    for (int i = 0; i < count; ++i)
        entries.push_back(message(static_cast<quint64>(1 + (first + i) % 5), QByteArray::number(first + i)));
    return entries;
}

QList<QByteArray> shownPayloads(const MessageLogModel &model)
{
    QList<QByteArray> payloads;
    for (int row = 0; row < model.rowCount(); ++row)
        payloads.append(model.entry(row).payload);
    return payloads;
}

Recipients recipients(const QString &text)
{
    return Recipients::parse(text).value();
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(cannot be read)");
}

} // namespace

class TestMessageLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { applyTheme(ThemeChoice::Light); }

    void init();
    void cleanup();

    void modelKeepsItsRules();
    void modelShowsCells();
    void boundsRows();
    void boundsBytes();
    void keepsTheNewestWhateverItsSize();
    void filtersByClient();
    void filtersByText();
    void filtersNewRowsToo();
    void tellsTotalsOfHiddenRows();

    void filtersByTyping();
    void explainsBadClientFilter();
    void showsClientsAsIfTyped();
    void hasNoClientFilterForOne();
    void followsTheEnd();
    void staysWhereItIsRead();
    void staysWhileOldRowsGo();
    void endKeyLeadsToTheEnd();
    void lightsUpTheRowUnderThePointer();
    void saysWhatToDoWhenEmpty();
    void showsTheSelectedMessage();
    void keepsTheSelectedMessageThroughFilters();
    void keepsShowingADroppedMessage();
    void togglesTheDetail();
    void copies();
    void copiesSeveral();
    void exportsWhatTheFilterShows_data();
    void exportsWhatTheFilterShows();
    void saysWhyAnExportFailed();
    void asksWhereToExport();
    void showsCutTextAsPlainText();
    void asksForReply();
    void offersAMenu();
    void clears();
    void keepsItsState();

private:
    void open(MessageLogView::Clients clients, MessageLogModel::Limits limits = {});
    void type(QLineEdit *field, const QString &text);

    QLineEdit *field(QLatin1StringView name) const { return m_view->findChild<QLineEdit *>(name); }

    QLabel *label(QLatin1StringView name) const { return m_view->findChild<QLabel *>(name); }

    QPushButton *jumpButton() const { return m_view->findChild<QPushButton *>(u"jumpToLatest"_s); }

    QScrollBar *scrollBar() const { return m_view->table()->verticalScrollBar(); }

    void click(int row, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
    QByteArray topPayload() const;
    void waitForLayout();

    std::unique_ptr<MessageLogModel> m_model;
    std::unique_ptr<MessageLogView> m_view;
};

void TestMessageLog::init()
{
    open(MessageLogView::Clients::Many);
}

void TestMessageLog::cleanup()
{
    m_view.reset();
    m_model.reset();
}

void TestMessageLog::open(MessageLogView::Clients clients, MessageLogModel::Limits limits)
{
    m_view.reset();
    m_model = std::make_unique<MessageLogModel>(limits, nullptr);
    m_view = std::make_unique<MessageLogView>(m_model.get(), clients);
    m_view->resize(1000, 400);
    m_view->show();
    m_view->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
}

void TestMessageLog::type(QLineEdit *field, const QString &text)
{
    field->setFocus();
    field->selectAll();
    QTest::keyClick(field, Qt::Key_Delete);
    QTest::keyClicks(field, text);
}

void TestMessageLog::click(int row, Qt::KeyboardModifiers modifiers)
{
    const QModelIndex index = m_model->index(row, MessageLogModel::TimeColumn);
    QTest::mouseClick(m_view->table()->viewport(), Qt::LeftButton, modifiers,
                      m_view->table()->visualRect(index).center());
}

/// Of the first row that is seen.
QByteArray TestMessageLog::topPayload() const
{
    const int row = m_view->table()->rowAt(0);
    return row < 0 ? QByteArray() : m_model->entry(row).payload;
}

/// The table lays itself out when it is back in the event loop.
void TestMessageLog::waitForLayout()
{
    const int height
        = m_model->rowCount() * m_view->table()->rowHeight(0) - m_view->table()->viewport()->height();
    QTRY_COMPARE(scrollBar()->maximum(), std::max(0, height));
}

// The model

void TestMessageLog::modelKeepsItsRules()
{
    MessageLogModel model({.rows = 7, .payloadBytes = 1000}, nullptr);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.append(numbered(0, 4));
    model.append(numbered(4, 6));
    model.setClientFilter(recipients(u"2,4"_s));
    model.append(numbered(10, 3));
    model.append(numbered(13, 20));
    model.setTextFilter(u"3"_s);
    model.append({message(2, QByteArray(900, '3'))});
    model.append({message(2, QByteArray(2000, '3'))});
    model.append({});
    model.setClientFilter(std::nullopt);
    model.setTextFilter({});
    model.append(numbered(33, 3));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
    model.append(numbered(0, 2));
    QCOMPARE(shownPayloads(model), QList<QByteArray>({"0", "1"}));
}

void TestMessageLog::modelShowsCells()
{
    m_model->append({message(3, "tea\r\n"), message(3, QByteArray::fromHex("00ff"), Kind::Outgoing),
                     sentence(Kind::Error, "Out of tea")});
    const auto cell = [this](int row, int column) {
        return m_model->index(row, column).data().toString();
    };
    QCOMPARE(cell(0, MessageLogModel::TimeColumn), m_model->entry(0).timeText());
    QCOMPARE(cell(0, MessageLogModel::FromColumn), u"3"_s);
    QCOMPARE(cell(0, MessageLogModel::ToColumn), u"operator"_s);
    QCOMPARE(cell(0, MessageLogModel::SizeColumn), u"5\u00a0B"_s);
    QCOMPARE(cell(0, MessageLogModel::MessageColumn), u"tea\u240d\u240a"_s);
    QCOMPARE(cell(1, MessageLogModel::MessageColumn), u"00 ff"_s);
    QCOMPARE(cell(2, MessageLogModel::SizeColumn), QString());
    QCOMPARE(cell(2, MessageLogModel::MessageColumn), u"Out of tea"_s);
    QCOMPARE(m_model->index(2, 0).data(MessageLogModel::KindRole).toInt(), static_cast<int>(Kind::Error));
}

void TestMessageLog::boundsRows()
{
    MessageLogModel model({.rows = 5, .payloadBytes = 1000}, nullptr);
    model.append(numbered(0, 3));
    QCOMPARE(model.totals().droppedRows, 0u);
    const quint64 serial = model.serial(2);
    model.append(numbered(3, 4));
    QCOMPARE(shownPayloads(model), QList<QByteArray>({"2", "3", "4", "5", "6"}));
    QCOMPARE(model.entryBySerial(serial)->payload, QByteArray("2"));
    QCOMPARE(model.serial(0), serial);
    model.append(numbered(7, 100));
    QCOMPARE(shownPayloads(model), QList<QByteArray>({"102", "103", "104", "105", "106"}));
    QVERIFY(!model.entryBySerial(serial));
    QCOMPARE(model.entryBySerial(model.serial(4))->payload, QByteArray("106"));
    QCOMPARE(model.totals().rows, 107u);
    QCOMPARE(model.totals().droppedRows, 102u);
}

void TestMessageLog::boundsBytes()
{
    MessageLogModel model({.rows = 100, .payloadBytes = 10}, nullptr);
    model.append({message(1, "aaaa"), message(1, "bbbb")});
    QCOMPARE(model.storedPayloadBytes(), 8u);
    model.append({message(1, "ccc")});
    QCOMPARE(shownPayloads(model), QList<QByteArray>({"bbbb", "ccc"}));
    QCOMPARE(model.storedPayloadBytes(), 7u);
    QCOMPARE(model.totals().payloadBytes, 11u);
}

void TestMessageLog::keepsTheNewestWhateverItsSize()
{
    MessageLogModel model({.rows = 100, .payloadBytes = 10}, nullptr);
    const QByteArray large(1000, 'x');
    model.append({message(1, "a"), message(1, large)});
    QCOMPARE(shownPayloads(model), QList<QByteArray>({large}));
    model.append({message(1, "b")});
    QCOMPARE(shownPayloads(model), QList<QByteArray>({"b"}));
    QCOMPARE(model.storedPayloadBytes(), 1u);
}

void TestMessageLog::filtersByClient()
{
    LogEntry toSeveral = message(1, "to several", Kind::Outgoing);
    toSeveral.moreClientIds = {4, 6};
    m_model->append({message(1, "one"), message(4, "four"), toSeveral, sentence(Kind::Note, "of nobody"),
                     sentence(Kind::Note, "of four", 4)});
    m_model->setClientFilter(recipients(u"4"_s));
    QCOMPARE(shownPayloads(*m_model), QList<QByteArray>({"four", "to several", "of four"}));
    m_model->setClientFilter(recipients(u"5-9"_s));
    QCOMPARE(shownPayloads(*m_model), QList<QByteArray>({"to several"}));
    m_model->setClientFilter(recipients(u"all except 4"_s));
    QCOMPARE(shownPayloads(*m_model), QList<QByteArray>({"one", "to several"}));
    m_model->setClientFilter(std::nullopt);
    QCOMPARE(m_model->rowCount(), 5);
}

void TestMessageLog::filtersByText()
{
    m_model->append({message(1, "Green Tea"), message(1, "coffee"), message(1, QByteArray::fromHex("c0ffee")),
                     message(1, u"Grüner Tee"_s.toUtf8())});
    m_model->setTextFilter(u"tEa"_s);
    QCOMPARE(shownPayloads(*m_model), QList<QByteArray>({"Green Tea"}));
    m_model->setTextFilter(u"ff ee"_s);
    QCOMPARE(shownPayloads(*m_model), QList<QByteArray>({QByteArray::fromHex("c0ffee")}));
    m_model->setTextFilter(u"GRÜN"_s);
    QCOMPARE(shownPayloads(*m_model), QList<QByteArray>({u"Grüner Tee"_s.toUtf8()}));
    m_model->setTextFilter(u"no such thing"_s);
    QCOMPARE(m_model->rowCount(), 0);
}

void TestMessageLog::filtersNewRowsToo()
{
    MessageLogModel model({.rows = 6, .payloadBytes = 1000}, nullptr);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setClientFilter(recipients(u"2"_s));
    model.setTextFilter(u"x"_s);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    model.append({message(2, "x1"), message(1, "x2"), message(2, "y3"), message(2, "x4")});
    QCOMPARE(shownPayloads(model), QList<QByteArray>({"x1", "x4"}));
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(model.serial(1) - model.serial(0), 3u);
    // The first two go, of which one is shown.
    model.append({message(2, "x5"), message(3, "x6"), message(3, "x7"), message(2, "x8")});
    QCOMPARE(shownPayloads(model), QList<QByteArray>({"x4", "x5", "x8"}));
    QCOMPARE(inserted.size(), 2);
    QCOMPARE(removed.size(), 1);
    // What is hidden comes and goes without a row changing.
    model.append({message(3, "x9")});
    QCOMPARE(inserted.size(), 2);
    QCOMPARE(removed.size(), 1);
    model.setTextFilter({});
    model.setClientFilter(std::nullopt);
    QCOMPARE(shownPayloads(model), QList<QByteArray>({"x4", "x5", "x6", "x7", "x8", "x9"}));
}

void TestMessageLog::tellsTotalsOfHiddenRows()
{
    m_model->setClientFilter(recipients(u"9"_s));
    QSignalSpy totals(m_model.get(), &MessageLogModel::totalsChanged);
    m_model->append(numbered(0, 3));
    QCOMPARE(totals.size(), 1);
    QTRY_COMPARE(label("messagesShown"_L1)->text(), u"0 of 3"_s);
    m_model->clear();
    QCOMPARE(totals.size(), 2);
    QTRY_COMPARE(label("messagesShown"_L1)->text(), u"0"_s);
}

// The view

void TestMessageLog::filtersByTyping()
{
    m_model->append(numbered(0, 100));
    QTRY_COMPARE(label("messagesShown"_L1)->text(), u"100"_s);
    type(field("messagesClients"_L1), u"1,3-4"_s);
    QTRY_COMPARE(m_model->rowCount(), 60);
    type(field("messagesFilter"_L1), u"7"_s);
    QTRY_COMPARE(label("messagesShown"_L1)->text(), u"15 of 100"_s);
    // A new row is shown where it fits.
    m_model->append({message(3, "77"), message(2, "77"), message(3, "88")});
    QTRY_COMPARE(label("messagesShown"_L1)->text(), u"16 of 103"_s);
    QTest::keyClick(field("messagesFilter"_L1), Qt::Key_Escape);
    QCOMPARE(field("messagesFilter"_L1)->text(), QString());
    QVERIFY(m_view->table()->hasFocus());
    QTRY_COMPARE(m_model->rowCount(), 62);
    type(field("messagesClients"_L1), u"all"_s);
    QTRY_COMPARE(m_model->rowCount(), 103);
}

void TestMessageLog::explainsBadClientFilter()
{
    m_model->append(numbered(0, 10));
    auto *clients = field("messagesClients"_L1);
    type(clients, u"1"_s);
    QTRY_COMPARE(m_model->rowCount(), 2);
    // Half-typed lists mean what is there already.
    type(clients, u"1,2-"_s);
    QTRY_COMPARE(m_model->rowCount(), 4);
    QVERIFY(!label("messagesNotice"_L1)->isVisible());
    type(clients, u"1,peter"_s);
    QTRY_VERIFY(label("messagesNotice"_L1)->isVisible());
    QVERIFY2(label("messagesNotice"_L1)->text().contains(u"“peter”"_s),
             qPrintable(label("messagesNotice"_L1)->text()));
    QCOMPARE(m_model->rowCount(), 4);
    type(clients, u"5"_s);
    QTRY_COMPARE(m_model->rowCount(), 2);
    QVERIFY(!label("messagesNotice"_L1)->isVisible());
}

void TestMessageLog::showsClientsAsIfTyped()
{
    m_model->append(numbered(0, 10));
    m_view->showClients(recipients(u"2,3"_s));
    QCOMPARE(m_model->rowCount(), 4);
    QCOMPARE(field("messagesClients"_L1)->text(), u"2-3"_s);
    m_view->showClients(std::nullopt);
    QCOMPARE(m_model->rowCount(), 10);
    QCOMPARE(field("messagesClients"_L1)->text(), QString());
}

void TestMessageLog::hasNoClientFilterForOne()
{
    QVERIFY(field("messagesClients"_L1));
    QVERIFY(!m_view->table()->isColumnHidden(MessageLogModel::ToColumn));
    open(MessageLogView::Clients::One);
    QVERIFY(!field("messagesClients"_L1));
    QVERIFY(m_view->table()->isColumnHidden(MessageLogModel::ToColumn));
    QCOMPARE(m_view->table()->accessibleName(), u"Messages"_s);
}

void TestMessageLog::followsTheEnd()
{
    QVERIFY(m_view->isAtEnd());
    for (int batch = 0; batch < 5; ++batch) {
        m_model->append(numbered(batch * 50, 50));
        waitForLayout();
        QCOMPARE(scrollBar()->value(), scrollBar()->maximum());
        QVERIFY(m_view->isAtEnd());
        QVERIFY(!jumpButton()->isVisible());
    }
    QVERIFY(scrollBar()->maximum() > 0);
    // Less room: the end stays in sight.
    m_view->resize(1000, 250);
    waitForLayout();
    QCOMPARE(scrollBar()->value(), scrollBar()->maximum());
    QVERIFY(m_view->isAtEnd());
}

void TestMessageLog::staysWhereItIsRead()
{
    m_model->append(numbered(0, 200));
    waitForLayout();
    scrollBar()->triggerAction(QAbstractSlider::SliderPageStepSub);
    QVERIFY(!m_view->isAtEnd());
    QTRY_VERIFY(jumpButton()->isVisible());
    QCOMPARE(jumpButton()->text(), u"Latest"_s);
    const QByteArray top = topPayload();
    m_model->append(numbered(200, 100));
    m_model->append(numbered(300, 1134));
    waitForLayout();
    QCOMPARE(topPayload(), top);
    QVERIFY(!m_view->isAtEnd());
    QCOMPARE(jumpButton()->text(), QLocale().toString(1234).prepend(u"Latest ("_s) + u" new)"_s);
    QVERIFY(m_view->table()->viewport()->geometry().contains(jumpButton()->geometry()));

    QTest::mouseClick(jumpButton(), Qt::LeftButton);
    QVERIFY(m_view->isAtEnd());
    QCOMPARE(scrollBar()->value(), scrollBar()->maximum());
    QVERIFY(!jumpButton()->isVisible());
    m_model->append(numbered(2000, 10));
    waitForLayout();
    QCOMPARE(scrollBar()->value(), scrollBar()->maximum());

    // Coming to the end by oneself counts the same.
    scrollBar()->triggerAction(QAbstractSlider::SliderPageStepSub);
    m_model->append(numbered(2010, 1));
    QCOMPARE(jumpButton()->text(), u"Latest (1 new)"_s);
    waitForLayout();
    scrollBar()->triggerAction(QAbstractSlider::SliderToMaximum);
    QVERIFY(m_view->isAtEnd());
    QVERIFY(!jumpButton()->isVisible());
}

void TestMessageLog::staysWhileOldRowsGo()
{
    open(MessageLogView::Clients::Many, {.rows = 500, .payloadBytes = 1'000'000});
    m_model->append(numbered(0, 500));
    waitForLayout();
    m_view->table()->selectRow(0);
    scrollBar()->setValue(scrollBar()->maximum() / 2 + 5);
    const QByteArray top = topPayload();
    const int offset = m_view->table()->rowViewportPosition(m_view->table()->rowAt(0));
    QVERIFY(top.toInt() > 100);
    for (int batch = 0; batch < 4; ++batch) {
        m_model->append(numbered(500 + batch * 50, 50));
        QCOMPARE(topPayload(), top);
        waitForLayout();
        QCOMPARE(topPayload(), top);
        QCOMPARE(m_view->table()->rowViewportPosition(m_view->table()->rowAt(0)), offset);
        QVERIFY(!m_view->isAtEnd());
    }
    // What is read goes at last as well; then the oldest that there is.
    m_model->append(numbered(700, 400));
    QTRY_COMPARE(topPayload(), m_model->entry(0).payload);
    QVERIFY(!m_view->isAtEnd());
    // The end is followed while rows go, too.
    m_view->jumpToEnd();
    m_model->append(numbered(1100, 400));
    waitForLayout();
    QTRY_COMPARE(scrollBar()->value(), scrollBar()->maximum());
    QVERIFY(m_view->isAtEnd());
}

void TestMessageLog::endKeyLeadsToTheEnd()
{
    m_model->append(numbered(0, 200));
    waitForLayout();
    m_view->table()->setFocus();
    QTest::keyClick(m_view->table(), Qt::Key_Home);
    QCOMPARE(m_view->table()->currentIndex().row(), 0);
    QCOMPARE(scrollBar()->value(), 0);
    QVERIFY(!m_view->isAtEnd());
    QTest::keyClick(m_view->table(), Qt::Key_Down);
    QCOMPARE(m_view->table()->currentIndex().row(), 1);
    QTest::keyClick(m_view->table(), Qt::Key_End);
    QCOMPARE(m_view->table()->currentIndex().row(), 199);
    QVERIFY(m_view->isAtEnd());
    QCOMPARE(scrollBar()->value(), scrollBar()->maximum());
}

void TestMessageLog::lightsUpTheRowUnderThePointer()
{
    m_model->append(numbered(0, 5));
    QTableView *table = m_view->table();
    table->setFocus();
    const ThemeColors colors = themeColors(table->palette());
    const auto colorAt = [table](int row, int column) {
        const QRect cell = table->visualRect(table->model()->index(row, column));
        return table->viewport()->grab().toImage().pixelColor(cell.right() - 2, cell.top() + 2);
    };
    const QRect third = table->visualRect(m_model->index(2, MessageLogModel::SizeColumn));
    QTest::mouseMove(table->viewport(), third.center());
    for (int column = 0; column < MessageLogModel::ColumnCount; ++column) {
        QTRY_COMPARE(colorAt(2, column), colors.hover);
        QVERIFY(colorAt(1, column) != colors.hover);
    }
    click(2);
    for (int column = 0; column < MessageLogModel::ColumnCount; ++column)
        QCOMPARE(colorAt(2, column), colors.selection);
}

void TestMessageLog::saysWhatToDoWhenEmpty()
{
    auto *emptyState = m_view->findChild<EmptyState *>();
    m_view->setEmptyState(IconName::Message, u"Nothing yet"_s, u"Press Start."_s);
    QVERIFY(emptyState->isVisible());
    QCOMPARE(emptyState->title(), u"Nothing yet"_s);
    QCOMPARE(emptyState->hint(), u"Press Start."_s);
    QCOMPARE(emptyState->geometry(), m_view->table()->viewport()->geometry());
    m_model->append(numbered(0, 3));
    QVERIFY(!emptyState->isVisible());
    type(field("messagesFilter"_L1), u"tea"_s);
    QTRY_VERIFY(emptyState->isVisible());
    QCOMPARE(emptyState->title(), u"No message matches the filter"_s);
    QVERIFY(emptyState->hint().contains(u"(3)"_s));
    m_model->append({message(1, "tea")});
    QVERIFY(!emptyState->isVisible());
    m_model->clear();
    QTRY_VERIFY(emptyState->isVisible());
    QTRY_COMPARE(emptyState->title(), u"Nothing yet"_s);
}

void TestMessageLog::showsTheSelectedMessage()
{
    m_model->append({message(7, "short"), message(7, QByteArray(3000, 'x') + "end"),
                     sentence(Kind::Error, "It broke"), message(7, "out", Kind::Outgoing)});
    auto *payload = m_view->findChild<PayloadView *>();
    QTRY_VERIFY(label("messageDetailHint"_L1)->isVisible());
    QVERIFY(!payload->isVisible());
    click(1);
    QVERIFY(payload->isVisible());
    QCOMPARE(payload->payload().size(), 3003);
    QVERIFY(payload->payload().endsWith("end"));
    QCOMPARE(label("messageDetailTitle"_L1)->text(), u"7 → operator"_s);
    const QString facts = label("messageDetailFacts"_L1)->text();
    QVERIFY2(facts.contains(QLocale().toString(3003) + u" bytes"_s), qPrintable(facts));
    QVERIFY2(facts.contains(u":14:15.016"_s), qPrintable(facts));
    QTest::keyClick(m_view->table(), Qt::Key_Down);
    QCOMPARE(label("messageDetailTitle"_L1)->text(), u"Error"_s);
    QCOMPARE(payload->payload(), QByteArray("It broke"));
    QTest::keyClick(m_view->table(), Qt::Key_Down);
    QCOMPARE(label("messageDetailTitle"_L1)->text(), u"operator → 7"_s);
    QTest::keyClick(m_view->table(), Qt::Key_Escape);
    QVERIFY(label("messageDetailHint"_L1)->isVisible());
    QVERIFY(!payload->isVisible());
}

void TestMessageLog::keepsTheSelectedMessageThroughFilters()
{
    m_model->append(numbered(0, 50));
    waitForLayout();
    m_view->table()->selectRow(31);
    auto *payload = m_view->findChild<PayloadView *>();
    QCOMPARE(payload->payload(), QByteArray("31"));
    type(field("messagesFilter"_L1), u"1"_s);
    QTRY_VERIFY(m_model->isFiltered());
    QCOMPARE(payload->payload(), QByteArray("31"));
    QCOMPARE(m_model->entry(m_view->table()->currentIndex().row()).payload, QByteArray("31"));
    QVERIFY(m_view->table()->selectionModel()->hasSelection());
    type(field("messagesFilter"_L1), u"2"_s);
    QTRY_VERIFY(!m_view->table()->selectionModel()->hasSelection());
    QVERIFY(label("messageDetailHint"_L1)->isVisible());
}

void TestMessageLog::keepsShowingADroppedMessage()
{
    open(MessageLogView::Clients::Many, {.rows = 10, .payloadBytes = 1000});
    m_model->append(numbered(0, 10));
    click(2);
    auto *payload = m_view->findChild<PayloadView *>();
    QCOMPARE(payload->payload(), QByteArray("2"));
    m_model->append(numbered(10, 2));
    QCOMPARE(payload->payload(), QByteArray("2"));
    QVERIFY(m_view->table()->selectionModel()->hasSelection());
    m_model->append(numbered(12, 5));
    QVERIFY(!m_view->table()->selectionModel()->hasSelection());
    QCOMPARE(payload->payload(), QByteArray("2"));
    QVERIFY(payload->isVisible());
    QVERIFY(!m_view->copyAction()->isEnabled());
    click(4);
    QCOMPARE(payload->payload(), m_model->entry(4).payload);
}

void TestMessageLog::togglesTheDetail()
{
    auto *detail = m_view->findChild<QWidget *>(u"messageDetail"_s);
    QVERIFY(m_view->isDetailVisible());
    // An empty log has nothing to show in full.
    QVERIFY(!detail->isVisible());
    m_model->append(numbered(0, 3));
    QTRY_VERIFY(detail->isVisible());
    m_view->table()->setFocus();
    QTest::keyClick(m_view->table(), Qt::Key_D, Qt::ControlModifier);
    QVERIFY(!m_view->isDetailVisible());
    QVERIFY(!detail->isVisible());
    click(1);
    m_view->setDetailVisible(true);
    QVERIFY(detail->isVisible());
    QCOMPARE(m_view->findChild<PayloadView *>()->payload(), QByteArray("1"));
    QVERIFY(m_view->detailAction()->isChecked());

    // Where there is little room, it comes with the selection.
    m_view->resize(800, 300);
    QVERIFY(detail->isVisible());
    QTest::keyClick(m_view->table(), Qt::Key_Escape);
    QVERIFY(!detail->isVisible());
    click(2);
    QVERIFY(detail->isVisible());

    // Beside the log where the view is wide, below it where it is high.
    QVERIFY(detail->x() > 0);
    m_view->resize(600, 700);
    QTRY_COMPARE(detail->x(), 0);
    QVERIFY(detail->y() > 0);
}

void TestMessageLog::copies()
{
    QClipboard *clipboard = QApplication::clipboard();
    m_model->append({message(1, u"Grüße\n"_s.toUtf8()), message(1, QByteArray::fromHex("00ff10"))});
    QVERIFY(!m_view->copyAction()->isEnabled());
    m_view->table()->setFocus();
    click(0);
    QVERIFY(m_view->copyAction()->isEnabled());
    QTest::keyClick(m_view->table(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(clipboard->text(), u"Grüße\n"_s);
    QTest::keyClick(m_view->table(), Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(clipboard->text(), u"47 72 c3 bc c3 9f 65 0a"_s);
    click(1);
    QTest::keyClick(m_view->table(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(clipboard->text(), u"00 ff 10"_s);
}

void TestMessageLog::copiesSeveral()
{
    QClipboard *clipboard = QApplication::clipboard();
    m_model->append({message(1, "first"), message(2, "second", Kind::Outgoing), message(3, "third")});
    m_view->table()->setFocus();
    click(2);
    click(0, Qt::ControlModifier);
    m_view->copyAction()->trigger();
    const QStringList lines = clipboard->text().split(u'\n');
    QCOMPARE(lines.size(), 2);
    QVERIFY2(lines[0].endsWith(u"1 → operator  (5 B)  first"_s), qPrintable(lines[0]));
    QVERIFY2(lines[1].endsWith(u"3 → operator  (5 B)  third"_s), qPrintable(lines[1]));
    m_view->copyHexAction()->trigger();
    QCOMPARE(clipboard->text(), u"66 69 72 73 74\n74 68 69 72 64"_s);
}

void TestMessageLog::exportsWhatTheFilterShows_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("csv") << u"log.csv"_s
                         << QByteArray(
                                "time,direction,from,to,bytes,encoding,message\r\n"
                                "2024-02-29T13:14:15.016Z,in,2,operator,10,text,\"say \"\"a, b\"\"\"\r\n"
                                "2024-02-29T13:14:15.016Z,out,operator,2,2,hex,00ff\r\n"
                                "2024-02-29T13:14:15.016Z,note,,,5,text,\"a\nb\nc\"\r\n");
    const QByteArray lines = R"({"bytes":10,"direction":"in","from":"2","text":"say \"a, b\"",)"
                             R"("time":"2024-02-29T13:14:15.016Z","to":"operator"})"
                             "\n"
                             R"({"bytes":2,"direction":"out","from":"operator","hex":"00ff",)"
                             R"("time":"2024-02-29T13:14:15.016Z","to":"2"})"
                             "\n"
                             R"({"bytes":5,"direction":"note","text":"a\nb\nc",)"
                             R"("time":"2024-02-29T13:14:15.016Z"})"
                             "\n";
    QTest::newRow("jsonl") << u"log.JSONL"_s << lines;
    const QString time = QDateTime(QDate(2024, 2, 29), QTime(13, 14, 15, 16), Qt::UTC)
                             .toLocalTime()
                             .toString(u"yyyy-MM-dd HH:mm:ss.zzz"_s);
    const QString text = time + u"  2 → operator  (10 B)  say \"a, b\"\n"_s + time
        + u"  operator → 2  (2 B)  00 ff\n"_s + time + u"  note: a␊b␊c\n"_s;
    QTest::newRow("text") << u"log.txt"_s << text.toUtf8();
    QTest::newRow("no ending") << u"log"_s << text.toUtf8();
}

void TestMessageLog::exportsWhatTheFilterShows()
{
    QFETCH(const QString, name);
    QFETCH(const QByteArray, content);
    const QTemporaryDir dir;
    m_model->append({message(1, "hidden"), message(2, "say \"a, b\""),
                     message(2, QByteArray::fromHex("00ff"), Kind::Outgoing),
                     sentence(Kind::Note, "a\nb\nc", 2)});
    m_view->showClients(recipients(u"2"_s));
    const QString path = dir.filePath(name);
    QVERIFY(m_view->exportTo(path));
    QCOMPARE(contentOf(path), content);
    QVERIFY(label("messagesNotice"_L1)->isVisible());
    QVERIFY(label("messagesNotice"_L1)->text().startsWith(u"3 messages written to "_s));
}

void TestMessageLog::saysWhyAnExportFailed()
{
    const QTemporaryDir dir;
    m_model->append(numbered(0, 3));
    QVERIFY(!m_view->exportTo(dir.filePath(u"no/such/folder/log.csv"_s)));
    QVERIFY(label("messagesNotice"_L1)->isVisible());
    QVERIFY2(label("messagesNotice"_L1)->text().startsWith(u"Cannot write "_s),
             qPrintable(label("messagesNotice"_L1)->text()));
    QVERIFY(m_view->exportTo(dir.filePath(u"log.csv"_s)));
    QVERIFY(label("messagesNotice"_L1)->text().startsWith(u"3 messages"_s));
}

void TestMessageLog::asksWhereToExport()
{
    const QTemporaryDir dir;
    m_model->append(numbered(0, 2));
    QTRY_VERIFY(m_view->exportAction()->isEnabled());
    m_view->table()->setFocus();
    QTest::keyClick(m_view->table(), Qt::Key_E, Qt::ControlModifier);
    auto *dialog = m_view->findChild<QFileDialog *>(u"exportDialog"_s);
    QVERIFY(dialog);
    QTRY_VERIFY(dialog->isVisible());
    dialog->setDirectory(dir.path());
    dialog->selectNameFilter(u"JSON Lines (*.jsonl)"_s);
    Q_EMIT dialog->filterSelected(u"JSON Lines (*.jsonl)"_s);
    auto *name = dialog->findChild<QLineEdit *>(u"fileNameEdit"_s);
    QVERIFY(name);
    QCOMPARE(name->text(), u"messages.jsonl"_s);
    type(name, u"talk"_s);
    QTest::keyClick(name, Qt::Key_Return);
    // The ending comes from the chosen kind.
    QTRY_VERIFY(QFile::exists(dir.filePath(u"talk.jsonl"_s)));
    QCOMPARE(contentOf(dir.filePath(u"talk.jsonl"_s)).count('\n'), 2);
    QTRY_VERIFY(!m_view->findChild<QFileDialog *>(u"exportDialog"_s));
}

void TestMessageLog::showsCutTextAsPlainText()
{
    m_model->append({message(1, "<b>bold</b> " + QByteArray(400, 'x')), message(1, "short")});
    QTableView *table = m_view->table();
    const auto tipOf = [&](int row) {
        const QPoint where = table->visualRect(m_model->index(row, MessageLogModel::MessageColumn)).center();
        QHelpEvent help(QEvent::ToolTip, where, table->viewport()->mapToGlobal(where));
        QApplication::sendEvent(table->viewport(), &help);
        return QToolTip::text();
    };
    const QString tip = tipOf(0);
    QVERIFY2(tip.contains(u"&lt;b&gt;bold"_s), qPrintable(tip));
    QVERIFY2(!tip.contains(u"<b>"_s), qPrintable(tip));
    QToolTip::hideText();
    QTRY_VERIFY(!QToolTip::isVisible());
    QCOMPARE(tipOf(1), QString());
}

void TestMessageLog::asksForReply()
{
    QSignalSpy replies(m_view.get(), &MessageLogView::replyRequested);
    m_model->append({message(4, "a"), sentence(Kind::Note, "about nobody"), message(6, "b")});
    const QPoint third
        = m_view->table()->visualRect(m_model->index(2, MessageLogModel::MessageColumn)).center();
    QTest::mouseClick(m_view->table()->viewport(), Qt::LeftButton, {}, third);
    QTest::mouseDClick(m_view->table()->viewport(), Qt::LeftButton, {}, third);
    QCOMPARE(replies.size(), 1);
    QCOMPARE(replies.takeFirst().first().toULongLong(), 6u);
    m_view->table()->setFocus();
    QTest::keyClick(m_view->table(), Qt::Key_Home);
    QTest::keyClick(m_view->table(), Qt::Key_Return);
    QCOMPARE(replies.size(), 1);
    QCOMPARE(replies.takeFirst().first().toULongLong(), 4u);
    QTest::keyClick(m_view->table(), Qt::Key_Down);
    QTest::keyClick(m_view->table(), Qt::Key_Return);
    QCOMPARE(replies.size(), 0);
}

void TestMessageLog::offersAMenu()
{
    m_model->append(numbered(0, 10));
    QSignalSpy replies(m_view.get(), &MessageLogView::replyRequested);
    const auto openMenu = [this](int row) {
        click(row);
        const QPoint where = m_view->table()->visualRect(m_model->index(row, 1)).center();
        Q_EMIT m_view->table()->customContextMenuRequested(where);
        return m_view->findChild<QMenu *>(u"messageMenu"_s);
    };
    const auto choose = [](QMenu *menu, const QString &name) {
        for (QAction *action : menu->actions()) {
            if (action->objectName() == name && action->isEnabled()) {
                QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
                return true;
            }
        }
        return false;
    };
    QMenu *menu = openMenu(3);
    QVERIFY(menu);
    QTRY_VERIFY(menu->isVisible());
    QVERIFY(menu->actions().contains(m_view->copyAction()));
    QVERIFY(menu->actions().contains(m_view->copyHexAction()));
    QVERIFY(menu->actions().contains(m_view->exportAction()));
    QVERIFY(choose(menu, u"replyAction"_s));
    QCOMPARE(replies.size(), 1);
    QCOMPARE(replies.first().first().toULongLong(), 4u);
    QTRY_VERIFY(!m_view->findChild<QMenu *>(u"messageMenu"_s));
    menu = openMenu(3);
    QTRY_VERIFY(menu->isVisible());
    QVERIFY(choose(menu, u"showOnlyThisClientAction"_s));
    QCOMPARE(shownPayloads(*m_model), QList<QByteArray>({"3", "8"}));
    QCOMPARE(field("messagesClients"_L1)->text(), u"4"_s);
}

void TestMessageLog::clears()
{
    QVERIFY(!m_view->clearAction()->isEnabled());
    QVERIFY(!m_view->exportAction()->isEnabled());
    m_model->append(numbered(0, 3));
    QTRY_VERIFY(m_view->clearAction()->isEnabled());
    QVERIFY(m_view->exportAction()->isEnabled());
    click(1);
    QTest::keyClick(m_view->table(), Qt::Key_L, Qt::ControlModifier);
    QCOMPARE(m_model->rowCount(), 0);
    QCOMPARE(m_model->totals().rows, 0u);
    QVERIFY(!m_view->findChild<PayloadView *>()->isVisible());
    QCOMPARE(m_view->findChild<PayloadView *>()->payload(), QByteArray());
    QVERIFY(!m_view->copyAction()->isEnabled());
    QCOMPARE(label("messagesShown"_L1)->text(), u"0"_s);
}

void TestMessageLog::keepsItsState()
{
    m_view->table()->setColumnWidth(MessageLogModel::FromColumn, 177);
    m_view->setDetailVisible(false);
    const QByteArray state = m_view->saveState();
    open(MessageLogView::Clients::Many);
    QVERIFY(m_view->isDetailVisible());
    m_view->restoreState(state);
    QVERIFY(!m_view->isDetailVisible());
    QCOMPARE(m_view->table()->columnWidth(MessageLogModel::FromColumn), 177);
    // What cannot be read changes nothing.
    m_view->restoreState(QByteArray("nonsense"));
    m_view->restoreState(state.first(state.size() / 2));
    QCOMPARE(m_view->table()->columnWidth(MessageLogModel::FromColumn), 177);
    QVERIFY(!m_view->isDetailVisible());
}

QTEST_MAIN(TestMessageLog)
#include "tst_messagelog.moc"
