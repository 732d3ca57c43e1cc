// SPDX-License-Identifier: Apache-2.0
#include "tests/support/historyprobe.h"

#include <QFile>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// Where a history cannot be opened: what is said then, and that nothing is harmed.
class TestHistoryOpening : public QObject
{
    Q_OBJECT

private:
    static bool settles(const HistoryPlace &place)
    {
        return QTest::qWaitFor([&] { return place.isSettled(); }, HistoryProbe::kPatienceMs);
    }

    static QByteArray contentOf(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:

    void initTestCase_data() { HistoryPlace::addRows(); }

    void isForOneStore()
    {
        const HistoryPlace place;
        HistoryProbe first(place);
        first->append(historyMessage(1));
        QVERIFY(first.waitUpTo(1));
        HistoryProbe second(place);
        const auto refusal = second.refusal();
        QVERIFY(refusal);
        QVERIFY(refusal->code == Error::Code::InUse);
        // It goes on to answer, and harms nothing.
        second->append(historyMessage(1, 9, {}, "second"));
        second->saveAccount({.id = ClientId(9), .name = u"Ann"_s, .tokenHash = "t"});
        second->countWaiting();
        const auto page = second.read();
        QVERIFY(!page);
        QVERIFY(page.error().code == Error::Code::InUse);
        QVERIFY(second.waitFor<HistoryWaiting>());
        QVERIFY(second.all<HistoryCommitted>().empty());
        second.close();
        first->append(historyMessage(2));
        QVERIFY(first.waitUpTo(2));
        first.close();
        HistoryProbe third(place);
        QVERIFY(third.opened());
        QCOMPARE(third.opened()->lastSeq, quint64(2));
    }

    void refusesANewerSchema()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        probe.close();
        QVERIFY(place.run({u"UPDATE meta SET value = 1000 WHERE name = 'schema'"_s}));
        HistoryProbe again(place);
        const auto refusal = again.refusal();
        QVERIFY(refusal);
        QVERIFY(refusal->code == Error::Code::Unsupported);
        QVERIFY(refusal->text.contains(u"newer version"_s));
        QCOMPARE(place.number(u"SELECT value FROM meta WHERE name = 'schema'"_s), qint64(1000));
        QCOMPARE(place.number(u"SELECT value FROM meta WHERE name = 'in_use'"_s), qint64(0));
    }

    void cannotBeOpened_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("says");
        QTest::newRow("folder that is not there") << u"/nowhere/at/all/history.db"_s << u"/nowhere/at/all"_s;
        QTest::newRow("folder that is a file") << u"/etc/passwd/history.db"_s << u"/etc/passwd"_s;
        QTest::newRow("folder for nobody") << u"/proc/history.db"_s << u"cannot be written"_s;
        QTest::newRow("folder instead of a file") << u"/tmp"_s << u"/tmp"_s;
        QTest::newRow("unknown scheme") << u"mysql://ann:secret@host/db"_s << u"mysql"_s;
        QTest::newRow("no database") << u"postgresql://ann:secret@localhost"_s << u"no database"_s;
        QTest::newRow("unknown option") << u"postgresql://ann:secret@localhost/a?x=secret"_s << u"\"x\""_s;
        QTest::newRow("nothing") << u"sqlite:"_s << u"is empty"_s;
        if (QSqlDatabase::isDriverAvailable(u"QPSQL"_s)) {
            QTest::newRow("no server") << u"postgresql://ann:secret@127.0.0.1:1/db"_s << u"127.0.0.1"_s;
            QTest::newRow("no socket") << u"postgresql://ann:secret@/db?host=/nowhere"_s << u"/nowhere"_s;
        }
    }

    void cannotBeOpened()
    {
        QFETCH_GLOBAL(const QString, postgresql);
        if (!postgresql.isEmpty())
            QSKIP("once is enough");
        QFETCH(const QString, url);
        QFETCH(const QString, says);
        HistoryProbe probe(HistoryConfig{.url = url});
        probe->append(historyMessage(1));
        probe->read({.request = 3});
        probe->countWaiting();
        const auto refusal = probe.refusal();
        QVERIFY(refusal);
        QVERIFY2(refusal->text.contains(says), qPrintable(refusal->text));
        QVERIFY2(!refusal->text.contains(u"secret"_s), qPrintable(refusal->text));
        QVERIFY(probe.waitFor<HistoryPageRead>());
        QVERIFY(!probe.all<HistoryPageRead>()[0].page);
        QVERIFY(probe.waitFor<HistoryWaiting>());
        QVERIFY(probe.all<HistoryCommitted>().empty());
        QCOMPARE(probe.all<HistoryNotOpened>().size(), size_t(1));
    }

    void refusesADatabaseThatIsNotThere()
    {
        const HistoryPlace place;
        if (place.isSqlite())
            QSKIP("PostgreSQL alone");
        HistoryConfig config = place.config();
        const QString name = HistoryLocation::fromUrl(config.url).value().database;
        config.url.replace(u'/' + name, u"/not-there-at-all"_s);
        HistoryProbe probe(config);
        const auto refusal = probe.refusal();
        QVERIFY(refusal);
        QVERIFY2(refusal->text.contains(u"not-there-at-all"_s), qPrintable(refusal->text));
    }

    void needsAllCharacters_data()
    {
        QTest::addColumn<QString>("encoding");
        QTest::addColumn<bool>("opens");
        QTest::newRow("UTF8") << u"UTF8"_s << true;
        QTest::newRow("SQL_ASCII") << u"SQL_ASCII"_s << true;
        QTest::newRow("LATIN1") << u"LATIN1"_s << false;
    }

    void needsAllCharacters()
    {
        const HistoryPlace place;
        if (place.isSqlite())
            QSKIP("PostgreSQL alone");
        QFETCH(const QString, encoding);
        QFETCH(const bool, opens);
        QVERIFY(
            place.run({u"DROP DATABASE IF EXISTS wireroom_encoding"_s,
                       u"CREATE DATABASE wireroom_encoding TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' "
                       "ENCODING '%1'"_s.arg(encoding)}));
        {
            HistoryConfig config = place.config();
            const QString name = HistoryLocation::fromUrl(config.url).value().database;
            config.url.replace(u'/' + name, u"/wireroom_encoding"_s);
            HistoryProbe probe(config);
            const auto refusal = probe.refusal();
            QCOMPARE(refusal.has_value(), !opens);
            if (opens) {
                probe->append(historyMessage(1, 1, {}, "Jürgen 😀"));
                QVERIFY(probe.waitUpTo(1));
                QCOMPARE(probe.seqs({.text = u"JÜRGEN 😀"_s}), QList<quint64>{1});
            } else {
                QVERIFY2(refusal->text.contains(encoding), qPrintable(refusal->text));
            }
        }
        QVERIFY(place.run({u"DROP DATABASE wireroom_encoding WITH (FORCE)"_s}));
    }

    void refusesDamagedFiles_data()
    {
        QTest::addColumn<qint64>("from");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const QByteArray noise = QByteArray::fromHex("deadbeef").repeated(1000);
        QTest::newRow("no database") << qint64(-1) << QByteArray(5000, 't') << u"not a database"_s;
        QTest::newRow("one line") << qint64(-1) << QByteArray("hello\n") << u"not a database"_s;
        QTest::newRow("header gone") << qint64(0) << noise << u"not a database"_s;
        QTest::newRow("tables gone") << qint64(100) << noise.first(3'900) << u"damaged"_s;
        QTest::newRow("cut off") << qint64(-1) << QByteArray() << u""_s;
    }

    void refusesDamagedFiles()
    {
        const HistoryPlace place;
        if (!place.isSqlite())
            QSKIP("SQLite alone");
        QFETCH(const qint64, from);
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, says);
        {
            HistoryProbe probe(place);
            probe.append(historyMessages(1, 1000));
            QVERIFY(probe.waitUpTo(1000));
            QVERIFY(settles(place));
        }
        QFile file(place.path());
        QVERIFY(file.open(from < 0 ? QIODevice::WriteOnly : QIODevice::ReadWrite));
        QVERIFY(file.seek(std::max<qint64>(0, from)));
        file.write(bytes);
        file.close();
        const QByteArray before = contentOf(place.path());
        QVERIFY(file.setPermissions(file.permissions() | QFile::ReadOther));
        const QFile::Permissions rights = file.permissions();
        HistoryProbe probe(place);
        if (says.isEmpty()) {
            // An empty file is an empty history.
            QVERIFY(probe.opened());
            QCOMPARE(probe.opened()->lastSeq, quint64(0));
            return;
        }
        const auto refusal = probe.refusal();
        QVERIFY(refusal);
        QVERIFY2(refusal->text.contains(says), qPrintable(refusal->text));
        QVERIFY2(refusal->text.contains(place.path()), qPrintable(refusal->text));
        probe.close();
        QCOMPARE(contentOf(place.path()), before);
        QCOMPARE(QFile(place.path()).permissions(), rights);
    }

    void refusesAnotherDatabase()
    {
        const HistoryPlace place;
        if (!place.isSqlite())
            QSKIP("SQLite alone");
        QVERIFY(place.run({u"CREATE TABLE recipes (name TEXT)"_s}));
        const QByteArray before = contentOf(place.path());
        HistoryProbe probe(place);
        const auto refusal = probe.refusal();
        QVERIFY(refusal);
        QVERIFY2(refusal->text.contains(u"something else"_s), qPrintable(refusal->text));
        probe.close();
        QCOMPARE(contentOf(place.path()), before);
        QCOMPARE(place.number(u"SELECT count(*) FROM sqlite_master"_s), qint64(1));
    }
};

QTEST_GUILESS_MAIN(TestHistoryOpening)
#include "tst_historyopening.moc"
