// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/bans.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace wireroom;

namespace {

const QDateTime kNow(QDate(2026, 3, 1), QTime(12, 0), Qt::UTC);

Ban ban(const QString &who, const QDateTime &until = {}, const QString &reason = u"noise"_s)
{
    return {BanTarget::parse(who).value(), reason, kNow, until};
}

} // namespace

class TestBans : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTargets_data();
    void readsTargets();
    void refusesTargets_data();
    void refusesTargets();
    void covers_data();
    void covers();
    void readsTimes_data();
    void readsTimes();
    void saysWhy();
    void takesTheSmallestNetwork();
    void ends();
    void isKept();
    void refusesADamagedFile_data();
    void refusesADamagedFile();
    void changesNothingThatCannotBeWritten();
};

void TestBans::readsTargets_data()
{
    QTest::addColumn<QString>("written");
    QTest::addColumn<QString>("read");
    const auto add = [](const char *written, const char *read) {
        QTest::newRow(written) << QString::fromLatin1(written) << QString::fromLatin1(read);
    };
    add("7", "7");
    add(" 7 ", "7");
    add("18446744073709551615", "18446744073709551615");
    add("192.0.2.7", "192.0.2.7");
    add("192.0.2.7/32", "192.0.2.7");
    add("192.0.2.7/24", "192.0.2.0/24");
    add("192.0.2.7/1", "128.0.0.0/1");
    add("255.255.255.255/31", "255.255.255.254/31");
    add("::1", "::1");
    add("2001:DB8::1/128", "2001:db8::1");
    add("2001:db8:ffff::/33", "2001:db8:8000::/33");
    add("2001:db8::1/64", "2001:db8::/64");
    add("::ffff:192.0.2.7", "192.0.2.7");
    add("fe80::1%eth0", "fe80::1");
}

void TestBans::readsTargets()
{
    QFETCH(QString, written);
    QFETCH(QString, read);
    const Result<BanTarget> target = BanTarget::parse(written);
    QVERIFY2(bool(target), qPrintable(target ? QString() : target.error().text));
    QCOMPARE(target.value().toString(), read);
    QVERIFY(BanTarget::parse(read).value() == target.value());
}

void TestBans::refusesTargets_data()
{
    QTest::addColumn<QString>("written");
    for (const char *wrong : {"",
                              "0",
                              "-1",
                              "all",
                              "1,2",
                              "1-3",
                              "10.1",
                              "10.1/8",
                              "192.0.2",
                              "192.0.2.256",
                              "192.0.2.7/33",
                              "192.0.2.7/0",
                              "192.0.2.7/-1",
                              "192.0.2.7/",
                              "192.0.2.7/x",
                              "::1/129",
                              "::/0",
                              "example.org",
                              "7/8",
                              "1.2.3.4.5",
                              "18446744073709551616"})
        QTest::newRow(wrong) << QString::fromLatin1(wrong);
}

void TestBans::refusesTargets()
{
    QFETCH(QString, written);
    const Result<BanTarget> target = BanTarget::parse(written);
    QVERIFY(!target);
    QVERIFY(!target.error().text.isEmpty());
}

void TestBans::covers_data()
{
    QTest::addColumn<QString>("who");
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("isCovered");
    QTest::newRow("itself") << u"192.0.2.7"_s << u"192.0.2.7"_s << true;
    QTest::newRow("its neighbour") << u"192.0.2.7"_s << u"192.0.2.8"_s << false;
    QTest::newRow("inside IPv6") << u"192.0.2.7"_s << u"::ffff:192.0.2.7"_s << true;
    QTest::newRow("first of a network") << u"192.0.2.0/25"_s << u"192.0.2.0"_s << true;
    QTest::newRow("last of a network") << u"192.0.2.0/25"_s << u"192.0.2.127"_s << true;
    QTest::newRow("beyond a network") << u"192.0.2.0/25"_s << u"192.0.2.128"_s << false;
    QTest::newRow("IPv6") << u"2001:db8::/32"_s << u"2001:db8:ffff::1"_s << true;
    QTest::newRow("other IPv6") << u"2001:db8::/32"_s << u"2001:db9::1"_s << false;
    QTest::newRow("half of IPv4 is not IPv6") << u"0.0.0.0/1"_s << u"::1"_s << false;
    QTest::newRow("half of IPv6 is not IPv4") << u"::/1"_s << u"127.0.0.1"_s << false;
    QTest::newRow("an ID is no address") << u"7"_s << u"0.0.0.7"_s << false;
}

void TestBans::covers()
{
    QFETCH(QString, who);
    QFETCH(QString, address);
    QFETCH(bool, isCovered);
    QCOMPARE(BanTarget::parse(who).value().covers(QHostAddress(address)), isCovered);
    Bans bans;
    QVERIFY(!bans.open({}) && !bans.add(ban(who)));
    QCOMPARE(bans.find(QHostAddress(address), kNow) != nullptr, isCovered);
}

void TestBans::readsTimes_data()
{
    QTest::addColumn<QString>("written");
    QTest::addColumn<qint64>("seconds");
    QTest::newRow("seconds") << u"90s"_s << qint64(90);
    QTest::newRow("minutes") << u"30m"_s << qint64(1800);
    QTest::newRow("hours") << u"2h"_s << qint64(7200);
    QTest::newRow("days") << u"7d"_s << qint64(7 * 86400);
    QTest::newRow("weeks") << u"4w"_s << qint64(28 * 86400);
    for (const char *wrong : {"", "h", "2", "0h", "-2h", "2 h", "2y", "1.5h", "40000d", "99999999999h"})
        QTest::newRow(wrong) << QString::fromLatin1(wrong) << qint64(-1);
}

void TestBans::readsTimes()
{
    QFETCH(QString, written);
    QFETCH(qint64, seconds);
    QCOMPARE(qint64(parseBanTime(written).value_or(std::chrono::seconds(-1)).count()), seconds);
}

void TestBans::saysWhy()
{
    QCOMPARE(ban(u"7"_s).sentence(), u"Banned from this server: noise"_s);
    QCOMPARE(ban(u"7"_s, kNow.addSecs(3600), {}).sentence(),
             u"Banned from this server until 2026-03-01 13:00 UTC."_s);
}

void TestBans::takesTheSmallestNetwork()
{
    Bans bans;
    QVERIFY(!bans.open({}));
    for (const QString &who : {u"192.0.2.0/24"_s, u"192.0.2.7"_s, u"192.0.0.0/16"_s})
        QVERIFY(!bans.add(ban(who)));
    QCOMPARE(bans.find(QHostAddress(u"192.0.2.7"_s), kNow)->who.toString(), u"192.0.2.7"_s);
    QCOMPARE(bans.find(QHostAddress(u"192.0.2.8"_s), kNow)->who.toString(), u"192.0.2.0/24"_s);
    QCOMPARE(bans.find(QHostAddress(u"192.0.3.8"_s), kNow)->who.toString(), u"192.0.0.0/16"_s);
    QVERIFY(!bans.find(QHostAddress(u"192.1.3.8"_s), kNow));
    QVERIFY(bool(bans.lift(BanTarget::parse(u"192.0.2.9/24"_s).value())));
    QCOMPARE(bans.find(QHostAddress(u"192.0.2.8"_s), kNow)->who.toString(), u"192.0.0.0/16"_s);
    QVERIFY(!bans.lift(BanTarget::parse(u"192.0.2.0/24"_s).value()));
}

void TestBans::ends()
{
    Bans bans;
    QVERIFY(!bans.open({}));
    QVERIFY(!bans.add(ban(u"7"_s, kNow.addSecs(60))));
    QVERIFY(!bans.add(ban(u"8"_s)));
    QVERIFY(bans.find(ClientId(7), kNow.addSecs(59)));
    QVERIFY(!bans.find(ClientId(7), kNow.addSecs(60)));
    QVERIFY(bans.removeOver(kNow.addSecs(59)).empty());
    const std::vector<Ban> over = bans.removeOver(kNow.addSecs(60));
    QCOMPARE(over.size(), size_t(1));
    QVERIFY(bans.find(ClientId(8), kNow.addYears(50)));
    // A later ban of the same one counts.
    QVERIFY(!bans.add(ban(u"8"_s, kNow.addSecs(60))));
    QVERIFY(!bans.find(ClientId(8), kNow.addSecs(61)));
    QCOMPARE(bans.list().size(), size_t(1));
}

void TestBans::isKept()
{
    QTemporaryDir dir;
    std::vector<Ban> before;
    {
        Bans bans;
        QVERIFY(!bans.open(dir.path()));
        QVERIFY(!QFile::exists(dir.filePath(u"bans.json"_s)));
        QVERIFY(!bans.add(ban(u"7"_s, kNow.addDays(1), u"grüße \"<b>\n"_s)));
        QVERIFY(!bans.add(ban(u"2001:db8::/32"_s, {}, {})));
        QVERIFY(!bans.add(ban(u"192.0.2.7"_s)));
        QVERIFY(bool(bans.lift(BanTarget::parse(u"192.0.2.7"_s).value())));
        before = bans.list();
    }
    QCOMPARE(QFile::permissions(dir.filePath(u"bans.json"_s))
                 & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther),
             QFile::Permissions());
    Bans bans;
    QVERIFY(!bans.open(dir.path()));
    QCOMPARE(bans.list().size(), size_t(2));
    QVERIFY(bans.list() == before);
    // Another directory has others.
    QTemporaryDir other;
    QVERIFY(!bans.open(other.path()));
    QVERIFY(bans.list().empty());
}

void TestBans::refusesADamagedFile_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut") << QByteArray(R"({"version":1,"bans":[{"who":"7")");
    QTest::newRow("no object") << QByteArray("[]");
    QTest::newRow("no list") << QByteArray(R"({"version":1})");
    QTest::newRow("of a later version") << QByteArray(R"({"version":2,"bans":[]})");
    QTest::newRow("nobody") << QByteArray(R"({"version":1,"bans":[{"reason":"x"}]})");
    QTest::newRow("no target") << QByteArray(R"({"version":1,"bans":[{"who":"everybody"}]})");
    QTest::newRow("no time") << QByteArray(R"({"version":1,"bans":[{"who":"7","until":"tomorrow"}]})");
}

void TestBans::refusesADamagedFile()
{
    QFETCH(QByteArray, text);
    QTemporaryDir dir;
    QFile file(dir.filePath(u"bans.json"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    file.close();
    Bans bans;
    const std::optional<Error> error = bans.open(dir.path());
    QVERIFY(error);
    QVERIFY2(error->text.contains(u"bans.json"), qPrintable(error->text));
    QVERIFY(error->code == Error::Code::BadInput);
}

void TestBans::changesNothingThatCannotBeWritten()
{
    QTemporaryDir dir;
    Bans bans;
    QVERIFY(!bans.open(dir.path()));
    QVERIFY(!bans.add(ban(u"7"_s)));
    QVERIFY(QDir(dir.path()).removeRecursively());
    const std::optional<Error> error = bans.add(ban(u"8"_s));
    QVERIFY(error && error->text.contains(u"Nothing was changed"));
    QVERIFY(!bans.find(ClientId(8), kNow));
    QVERIFY(!bans.lift(BanTarget::parse(u"7"_s).value()));
    QVERIFY(bans.find(ClientId(7), kNow));
}

QTEST_APPLESS_MAIN(TestBans)
#include "tst_bans.moc"
