// SPDX-License-Identifier: Apache-2.0
#include "server-gui/daemoncommand.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

class TestDaemonCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void sends_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QByteArray>("payload");
        QTest::newRow("one") << u"send 1 hello"_s << u"1"_s << QByteArray("hello");
        QTest::newRow("several") << u"send 1,3,5-8 hello there"_s << u"1,3,5-8"_s
                                 << QByteArray("hello there");
        QTest::newRow("all") << u"send all hi"_s << u"all"_s << QByteArray("hi");
        QTest::newRow("all but") << u"send !2 hi"_s << u"all except 2"_s << QByteArray("hi");
        QTest::newRow("blanks are the message's")
            << u"send 1   two before, one after "_s << u"1"_s << QByteArray("  two before, one after ");
        QTest::newRow("empty message") << u"send 1 "_s << u"1"_s << QByteArray("");
        QTest::newRow("umlaut") << u"send 1 grüß"_s << u"1"_s << QByteArray("gr\xc3\xbc\xc3\x9f");
        QTest::newRow("hex") << u"sendhex 1 00FF"_s << u"1"_s << QByteArray("\x00\xff", 2);
        QTest::newRow("hex in pairs") << u"sendhex all 0d 0a"_s << u"all"_s << QByteArray("\r\n");
        QTest::newRow("indented") << u"  send 1 x"_s << u"1"_s << QByteArray("x");
    }

    void sends()
    {
        QFETCH(const QString, line);
        const Result<DaemonCommand> command = parseDaemonCommand(line);
        QVERIFY2(bool(command), command ? "" : qPrintable(command.error().text));
        const auto *send = std::get_if<SendCommand>(&command.value());
        QVERIFY(send);
        QTEST(send->to.toString(), "to");
        QTEST(send->payload, "payload");
    }

    void others()
    {
        QVERIFY(std::holds_alternative<ClientsCommand>(parseDaemonCommand(u"clients").value()));
        QVERIFY(std::holds_alternative<StopCommand>(parseDaemonCommand(u"stop ").value()));
        QVERIFY(std::holds_alternative<HelpCommand>(parseDaemonCommand(u"help").value()));
        QCOMPARE(std::get<KickCommand>(parseDaemonCommand(u"kick 2,3").value()).who.toString(), u"2-3"_s);
        QVERIFY(std::get<PolicyCommand>(parseDaemonCommand(u"policy echo").value()).policy
                == PlainPolicy::Echo);
        QCOMPARE(std::get<ReleaseCommand>(parseDaemonCommand(u"release Ann Lee ").value()).name,
                 u"Ann Lee"_s);
        QVERIFY(!parseDaemonCommand(u"release "));
    }

    void bans_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("who");
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QString>("reason");
        QTest::newRow("an ID") << u"ban 7"_s << u"7"_s << qint64(0) << QString();
        QTest::newRow("an address, why")
            << u"ban 192.0.2.7 too loud"_s << u"192.0.2.7"_s << qint64(0) << u"too loud"_s;
        QTest::newRow("for a time") << u"ban 7 for 2h"_s << u"7"_s << qint64(7200) << QString();
        QTest::newRow("for a time, why") << u"ban 10.0.0.9/8 for 30m  too loud, too long "_s
                                         << u"10.0.0.0/8"_s << qint64(1800) << u"too loud, too long"_s;
        QTest::newRow("why, not for a time")
            << u"ban 7 noise for 2h"_s << u"7"_s << qint64(0) << u"noise for 2h"_s;
    }

    void bans()
    {
        QFETCH(const QString, line);
        const Result<DaemonCommand> command = parseDaemonCommand(line);
        QVERIFY2(bool(command), command ? "" : qPrintable(command.error().text));
        const auto *ban = std::get_if<BanCommand>(&command.value());
        QVERIFY(ban);
        QTEST(ban->who.toString(), "who");
        QTEST(qint64(ban->time.count()), "seconds");
        QTEST(ban->reason, "reason");
    }

    void liftsBans()
    {
        QCOMPARE(std::get<UnbanCommand>(parseDaemonCommand(u"unban 10.0.0.0/8").value()).who.toString(),
                 u"10.0.0.0/8"_s);
        QVERIFY(std::holds_alternative<BansCommand>(parseDaemonCommand(u"bans").value()));
        for (const QString &wrong : {u"ban"_s, u"ban nobody"_s, u"ban 0"_s, u"ban 7 for ever"_s, u"unban"_s,
                                     u"unban 1,2"_s, u"bans 7"_s}) {
            const Result<DaemonCommand> command = parseDaemonCommand(wrong);
            QVERIFY2(!command && !command.error().text.isEmpty(), qPrintable(wrong));
        }
    }

    void asksForHistory_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<quint64>("count");
        QTest::addColumn<quint64>("before");
        QTest::addColumn<QString>("text");
        QTest::newRow("bare") << u"history"_s << quint64(20) << quint64(0) << QString();
        QTest::newRow("count") << u"history 5"_s << quint64(5) << quint64(0) << QString();
        QTest::newRow("older") << u"history 5  before 900"_s << quint64(5) << quint64(900) << QString();
        QTest::newRow("search") << u"search two words "_s << quint64(50) << quint64(0) << u"two words"_s;
    }

    void asksForHistory()
    {
        QFETCH(const QString, line);
        const Result<DaemonCommand> command = parseDaemonCommand(line);
        QVERIFY2(bool(command), command ? "" : qPrintable(command.error().text));
        const auto &history = std::get<HistoryCommand>(command.value());
        QTEST(history.count, "count");
        QTEST(history.before.value_or(0), "before");
        QTEST(history.text, "text");
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("says");
        QTest::newRow("unknown") << u"shout hi"_s << u"shout"_s;
        QTest::newRow("no message") << u"send 1"_s << u"Nothing to send"_s;
        QTest::newRow("no recipient") << u"send"_s << u"No recipient"_s;
        QTest::newRow("bad recipient") << u"send ann hi"_s << u"ann"_s;
        QTest::newRow("odd hex") << u"sendhex 1 abc"_s << u"half a byte"_s;
        QTest::newRow("no hex") << u"sendhex 1 zz"_s << u"not a hex digit"_s;
        QTest::newRow("kick nobody") << u"kick"_s << u"No recipient"_s;
        QTest::newRow("bad policy") << u"policy loud"_s << u"none, echo or relay"_s;
        QTest::newRow("history of none") << u"history 0"_s << u"before"_s;
        QTest::newRow("history of too many") << u"history 9999"_s << u"at most"_s;
        QTest::newRow("history in words") << u"history 5 after 3"_s << u"before"_s;
        QTest::newRow("search for nothing") << u"search  "_s << u"Search for what"_s;
        QTest::newRow("stop with words") << u"stop now"_s << u"stands alone"_s;
    }

    void refuses()
    {
        QFETCH(const QString, line);
        QFETCH(const QString, says);
        const Result<DaemonCommand> command = parseDaemonCommand(line);
        QVERIFY(!command);
        QVERIFY2(command.error().text.contains(says), qPrintable(command.error().text));
    }
};

QTEST_APPLESS_MAIN(TestDaemonCommand)
#include "tst_daemoncommand.moc"
