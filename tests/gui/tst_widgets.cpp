// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/composer.h"
#include "common/widgets/payloadview.h"
#include "common/widgets/statuslabel.h"
#include "common/widgets/trafficplot.h"
#include "tests/support/windowtest.h"

#include <QAccessible>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

Q_DECLARE_METATYPE(wireroom::PayloadMode)

namespace {

/// A composer on the screen, with its parts.
struct ShownComposer
{
    explicit ShownComposer(Composer::Addressing addressing = Composer::Addressing::Chosen)
        : composer(addressing)
    {
        composer.resize(800, 80);
        composer.show();
        message = findNamed<QPlainTextEdit>(composer, u"Message"_s);
        to = findNamed<QLineEdit>(composer, u"To"_s);
        send = findNamed<QPushButton>(composer, u"Send"_s);
    }

    bool isShown() { return QTest::qWaitForWindowExposed(&composer); }

    Composer composer;
    QSignalSpy sent{&composer, &Composer::sendRequested};
    QPlainTextEdit *message = nullptr;
    QLineEdit *to = nullptr;
    QPushButton *send = nullptr;
};

} // namespace

class TestWidgets : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void enterSends()
    {
        ShownComposer c;
        QVERIFY(c.isShown());
        QTest::keyClicks(c.to, u"1,3"_s);
        QTest::keyClicks(c.message, u"hello"_s);
        QTest::keyClick(c.message, Qt::Key_Return);
        QCOMPARE(c.sent.size(), 1);
        QCOMPARE(c.sent[0][0].toByteArray(), QByteArray("hello"));
        QCOMPARE(c.sent[0][1].toString(), u"1,3"_s);
        QVERIFY(c.message->toPlainText().isEmpty());
        // A second press of the key is no second message, and nothing is wrong.
        QTest::keyClick(c.message, Qt::Key_Return);
        QCOMPARE(c.sent.size(), 1);
        QVERIFY(c.composer.errorText().isEmpty());
        c.composer.accepted();
        QVERIFY(c.message->toPlainText().isEmpty());
    }

    void bringsBackWhatWasRefused()
    {
        ShownComposer c;
        QVERIFY(c.isShown());
        QTest::keyClicks(c.message, u"one"_s);
        QTest::keyClick(c.message, Qt::Key_Return);
        QTest::keyClicks(c.message, u"two"_s);
        QTest::keyClick(c.message, Qt::Key_Return);
        QTest::keyClicks(c.message, u"three"_s);
        QCOMPARE(c.sent.size(), 2);
        c.composer.accepted();
        c.composer.refused(u"Too large."_s);
        QCOMPARE(c.message->toPlainText(), u"two\nthree"_s);
        QCOMPARE(c.composer.errorText(), u"Too large."_s);
        // What was accepted does not come back.
        c.composer.refused(u"Gone."_s);
        QCOMPARE(c.message->toPlainText(), u"two\nthree"_s);
    }

    void completesEachOfAList()
    {
        ShownComposer c;
        QVERIFY(c.isShown());
        c.composer.setToSuggestions({u"all"_s, u"Ann (3)"_s, u"Bo (5)"_s});
        c.to->setFocus();
        QTest::keyClicks(c.to, u"an"_s);
        QCOMPARE(c.to->text(), u"ann (3)"_s);
        QCOMPARE(c.to->selectedText(), u"n (3)"_s);
        QTest::keyClick(c.to, Qt::Key_End);
        QTest::keyClicks(c.to, u", b"_s);
        QCOMPARE(c.to->text(), u"ann (3), bo (5)"_s);
        QTest::keyClicks(c.to, u"x"_s);
        QCOMPARE(c.to->text(), u"ann (3), bx"_s);
        c.composer.setToSuggestions({u"Bxx (9)"_s});
        QTest::keyClicks(c.to, u"x"_s);
        QCOMPARE(c.to->text(), u"ann (3), bxx (9)"_s);
    }

    void tellsWhatBecameOfTheMessage()
    {
        ShownComposer c;
        QVERIFY(c.isShown());
        QTest::keyClicks(c.message, u"hello"_s);
        QTest::keyClick(c.message, Qt::Key_Return);
        c.composer.accepted();
        c.composer.showNotice(u"Stored"_s);
        QVERIFY(isTextShown(c.composer, u"Stored"_s));
        QVERIFY(c.composer.errorText().isEmpty());
        QTest::keyClicks(c.message, u"m"_s);
        QVERIFY(!isTextShown(c.composer, u"Stored"_s));
        QVERIFY(c.composer.noticeText().isEmpty());
    }

    void buttonSends()
    {
        ShownComposer c(Composer::Addressing::Fixed);
        QVERIFY(c.isShown());
        QVERIFY(!c.to);
        QTest::keyClicks(c.message, u"by mouse"_s);
        QTest::mouseClick(c.send, Qt::LeftButton);
        QCOMPARE(c.sent.size(), 1);
        QVERIFY(c.sent[0][1].toString().isEmpty());
    }

    void shiftEnterBeginsALine()
    {
        ShownComposer c;
        QVERIFY(c.isShown());
        const int height = c.message->height();
        QTest::keyClicks(c.message, u"one"_s);
        QTest::keyClick(c.message, Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClicks(c.message, u"two"_s);
        QVERIFY(c.sent.isEmpty());
        QTRY_VERIFY(c.message->height() > height);
        QTest::keyClick(c.message, Qt::Key_Enter);
        QCOMPARE(c.sent[0][0].toByteArray(), QByteArray("one\ntwo"));
    }

    void arrowsFetchWhatWasSent()
    {
        ShownComposer c;
        QVERIFY(c.isShown());
        for (const QString &text : {u"first"_s, u"second"_s}) {
            QTest::keyClicks(c.message, text);
            QTest::keyClick(c.message, Qt::Key_Return);
            c.composer.accepted();
        }
        QTest::keyClicks(c.message, u"draft"_s);
        QTest::keyClick(c.message, Qt::Key_Up);
        QCOMPARE(c.message->toPlainText(), u"second"_s);
        QTest::keyClick(c.message, Qt::Key_Up);
        QTest::keyClick(c.message, Qt::Key_Up); // no further
        QCOMPARE(c.message->toPlainText(), u"first"_s);
        QTest::keyClick(c.message, Qt::Key_Down);
        QTest::keyClick(c.message, Qt::Key_Down);
        QCOMPARE(c.message->toPlainText(), u"draft"_s); // not lost
    }

    void historyIsBounded()
    {
        ShownComposer c;
        QStringList much;
        for (int i = 0; i < 500; ++i)
            much << QString::number(i);
        c.composer.setHistory(much);
        QCOMPARE(c.composer.history().size(), 200);
        QCOMPARE(c.composer.history().last(), u"499"_s);
    }

    void mistypedIsSaidAndKept_data()
    {
        QTest::addColumn<PayloadMode>("mode");
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("says");
        QTest::newRow("hex") << PayloadMode::Hex << u"00 f"_s << u"half a byte"_s;
        QTest::newRow("escapes") << PayloadMode::Escapes << u"a\\q"_s << u"not an escape"_s;
    }

    void mistypedIsSaidAndKept()
    {
        QFETCH(const PayloadMode, mode);
        QFETCH(const QString, typed);
        QFETCH(const QString, says);
        ShownComposer c;
        QVERIFY(c.isShown());
        c.composer.setMode(mode);
        QTest::keyClicks(c.message, typed);
        QTest::keyClick(c.message, Qt::Key_Return);
        QVERIFY(c.sent.isEmpty());
        QVERIFY2(c.composer.errorText().contains(says), qPrintable(c.composer.errorText()));
        QVERIFY(isTextShown(c.composer, says));
        QCOMPARE(c.message->toPlainText(), typed);
        QTest::keyClicks(c.message, u"0"_s); // being mended
        QVERIFY(c.composer.errorText().isEmpty());
    }

    void modesMakeBytes_data()
    {
        QTest::addColumn<PayloadMode>("mode");
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("text") << PayloadMode::Text << u"00"_s << QByteArray("3030");
        QTest::newRow("hex") << PayloadMode::Hex << u"00 ff"_s << QByteArray("00ff");
        QTest::newRow("escapes") << PayloadMode::Escapes << u"\\r\\n\\x00"_s << QByteArray("0d0a00");
    }

    void modesMakeBytes()
    {
        QFETCH(const PayloadMode, mode);
        QFETCH(const QString, typed);
        ShownComposer c;
        QVERIFY(c.isShown());
        c.composer.setMode(mode);
        QTest::keyClicks(c.message, typed);
        QTest::keyClick(c.message, Qt::Key_Return);
        QCOMPARE(c.sent.size(), 1);
        QTEST(c.sent[0][0].toByteArray().toHex(), "hex");
    }

    void disabledSaysWhy()
    {
        ShownComposer c;
        QVERIFY(c.isShown());
        c.composer.setSendEnabled(false, u"Connect first"_s);
        QVERIFY(!c.send->isEnabled());
        QCOMPARE(c.send->toolTip(), u"Connect first"_s);
        QCOMPARE(c.message->placeholderText(), u"Connect first"_s);
        QTest::keyClicks(c.message, u"written all the same"_s);
        QTest::keyClick(c.message, Qt::Key_Return);
        QVERIFY(c.sent.isEmpty());
        QCOMPARE(c.message->toPlainText(), u"written all the same"_s);
        c.composer.setSendEnabled(true);
        QTest::keyClick(c.message, Qt::Key_Return);
        QCOMPARE(c.sent.size(), 1);
    }

    void largePayloadComesInPieces()
    {
        PayloadView view;
        view.resize(600, 400);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const QByteArray payload(1024 * 1024 + 1, 'x');
        view.setPayload(payload);
        QCOMPARE(view.shownBytes(), PayloadView::kPieceBytes);
        const auto *shown = view.findChild<QLabel *>(u"payloadShown"_s);
        QVERIFY2(shown->isVisible() && shown->text().contains(u"64"), qPrintable(shown->text()));
        QPushButton *const buttons[] = {findNamed<QPushButton>(view, u"Next piece"_s),
                                        findNamed<QPushButton>(view, u"All of the message"_s)};
        QTest::mouseClick(buttons[0], Qt::LeftButton);
        QCOMPARE(view.shownBytes(), 2 * PayloadView::kPieceBytes);
        QTest::mouseClick(buttons[1], Qt::LeftButton);
        QCOMPARE(view.shownBytes(), payload.size());
        QVERIFY(!buttons[0]->isVisible());
        view.setPayload("short");
        QCOMPARE(view.shownBytes(), qsizetype(5));
        view.clear();
        QVERIFY(view.payload().isEmpty());
    }

    void payloadIsShownBothWays()
    {
        PayloadView view;
        view.setPayload("hello\x01");
        view.resize(600, 400);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const auto *text = findNamed<QPlainTextEdit>(view, u"Message as text"_s);
        const auto *hex = findNamed<QPlainTextEdit>(view, u"Message as hex"_s);
        QVERIFY2(text->toPlainText().contains(u"hello"), qPrintable(text->toPlainText()));
        auto *tabs = view.findChild<QTabWidget *>();
        QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(1).center());
        QVERIFY2(hex->toPlainText().contains(u"68 65 6c 6c 6f 01"), qPrintable(hex->toPlainText()));
        QVERIFY(text->isReadOnly() && hex->isReadOnly());
    }

    void plotFollowsTotals()
    {
        TrafficPlot plot;
        plot.addTotals(0ms, 100, 1000);
        QVERIFY(plot.samples().empty()); // only the base of the next
        plot.addTotals(1000ms, 1304, 3'101'000);
        QCOMPARE(plot.samples().size(), size_t(1));
        QCOMPARE(plot.samples().back().messagesPerSecond, 1204.0);
        QVERIFY2(plot.text().contains(u"3.1\u00a0MB/s"), qPrintable(plot.text()));
        QCOMPARE(plot.accessibleDescription(), plot.text());
        plot.addTotals(1500ms, 1305, 3'101'000);
        QCOMPARE(plot.samples().back().messagesPerSecond, 2.0);
        plot.addTotals(2000ms, 5, 5); // another server: begins anew, no negative rate
        for (const TrafficPlot::Sample &sample : plot.samples())
            QVERIFY(sample.messagesPerSecond >= 0);
    }

    void plotIsBounded()
    {
        TrafficPlot plot;
        for (int i = 0; i < 10'000; ++i)
            plot.addTotals(i * 10ms, quint64(i), quint64(i));
        QVERIFY(plot.samples().size() <= 600);
        plot.addTotals(1'000'000ms, 10'000, 10'000);
        QVERIFY2(plot.samples().size() <= 2, "older than a minute");
    }

    void statusIsATextToScreenReaders()
    {
        StatusLabel label;
        label.setStatus(StatusLevel::Ok, u"Listening"_s, u"for programs on this machine"_s);
        QCOMPARE(label.accessibleName(), u"Listening"_s);
        QVERIFY(label.toolTip().contains(u"on this machine"));
        QAccessibleInterface *accessible = QAccessible::queryAccessibleInterface(&label);
        QVERIFY(accessible);
        QCOMPARE(accessible->role(), QAccessible::StaticText);
        QCOMPARE(accessible->text(QAccessible::Name), u"Listening"_s);
    }
};

QTEST_MAIN(TestWidgets)
#include "tst_widgets.moc"
