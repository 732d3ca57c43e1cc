// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historyschema.h"
#include "tests/support/historyprobe.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// The way of a history's tables from one schema file to the next.
class TestHistorySchema : public QObject
{
    Q_OBJECT

private:
    /// A folder with the program's own schema files, to which a test adds some.
    struct Folder
    {
        explicit Folder(const HistoryDatabase &database)
        {
            const QDir own(historySchemaFolder(database));
            const QStringList names = own.entryList();
            for (const QString &name : names)
                QFile::copy(own.filePath(name), dir.filePath(name));
            newest = int(names.size());
        }

        void add(const QByteArray &sql)
        {
            QFile file(dir.filePath(u"%1_more.sql"_s.arg(++newest, 3, 10, QChar(u'0'))));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write("-- SPDX-License-Identifier: Apache-2.0\n" + sql + "\n");
        }

        QTemporaryDir dir;
        int newest = 0;
    };

    static std::unique_ptr<HistoryDatabase> open(const HistoryPlace &place)
    {
        auto database = std::make_unique<HistoryDatabase>(HistoryLocation::fromUrl(place.url()).value(),
                                                          HistoryDatabase::Access::Write);
        return database->open() ? nullptr : std::move(database);
    }

    /// With three messages in it, and closed.
    static bool fill(const HistoryPlace &place)
    {
        HistoryProbe probe(place);
        probe.append(historyMessages(1, 3));
        return probe.waitUpTo(3)
            && QTest::qWaitFor([&] { return place.isSettled(); }, HistoryProbe::kPatienceMs);
    }

    static qint64 schema(const HistoryPlace &place)
    {
        return place.number(u"SELECT value FROM meta WHERE name = 'schema'"_s);
    }

private Q_SLOTS:

    void initTestCase_data() { HistoryPlace::addRows(); }

    void makesTables()
    {
        const HistoryPlace place;
        const auto database = open(place);
        QVERIFY(database);
        const Folder folder(*database);
        QVERIFY(folder.newest >= 2);
        const auto made = migrateHistory(*database, folder.dir.path());
        QVERIFY(made);
        QCOMPARE(made.value().from, 0);
        QCOMPARE(made.value().to, folder.newest);
        QCOMPARE(made.value().backup, QString());
        QCOMPARE(schema(place), qint64(folder.newest));
        const auto again = migrateHistory(*database, folder.dir.path());
        QVERIFY(again);
        QCOMPARE(again.value().from, folder.newest);
        QCOMPARE(again.value().to, folder.newest);
        QCOMPARE(again.value().backup, QString());
    }

    void goesFromOneToTheNext()
    {
        const HistoryPlace place;
        QVERIFY(fill(place));
        auto database = open(place);
        QVERIFY(database);
        Folder folder(*database);
        const int before = folder.newest;
        folder.add("ALTER TABLE messages ADD COLUMN colour text;\nUPDATE messages SET colour = 'a;b';");
        folder.add("-- Two lines; one statement.\nCREATE TABLE colours (\n    name text\n);");
        const auto migrated = migrateHistory(*database, folder.dir.path());
        QVERIFY(migrated);
        QCOMPARE(migrated.value().from, before);
        QCOMPARE(migrated.value().to, before + 2);
        QCOMPARE(schema(place), qint64(before + 2));
        QCOMPARE(place.number(u"SELECT count(*) FROM messages WHERE colour = 'a;b'"_s), qint64(3));
        QCOMPARE(place.number(u"SELECT count(*) FROM colours"_s), qint64(0));
        const QString backup = migrated.value().backup;
        QCOMPARE(backup.isEmpty(), !place.isSqlite());
        if (!place.isSqlite())
            return;
        QCOMPARE(QFileInfo(backup).permissions() & QFile::Permissions(0x0077), QFile::Permissions());
        QCOMPARE(QFileInfo(backup).absolutePath(), QFileInfo(place.path()).absolutePath());
        // The backup is what the history was.
        database.reset();
        HistoryProbe probe(HistoryConfig{.url = backup});
        QVERIFY(probe.opened());
        QCOMPARE(probe.seqs(), (QList<quint64>{1, 2, 3}));
    }

    void isAllOrNothing_data()
    {
        QTest::addColumn<QByteArray>("broken");
        QTest::newRow("no SQL") << QByteArray("CREATE GIBBERISH;");
        QTest::newRow("in the middle") << QByteArray("CREATE TABLE more (a integer);\nINSERT INTO nowhere "
                                                     "VALUES (1);\nCREATE TABLE most (a integer);");
        QTest::newRow("constraint") << QByteArray("UPDATE meta SET value = NULL;");
    }

    void isAllOrNothing()
    {
        QFETCH(const QByteArray, broken);
        const HistoryPlace place;
        QVERIFY(fill(place));
        const QString tables = place.isSqlite()
            ? u"SELECT count(*) FROM sqlite_master"_s
            : u"SELECT count(*) FROM pg_tables WHERE schemaname = 'wireroom'"_s;
        const qint64 before = place.number(tables);
        {
            const auto database = open(place);
            QVERIFY(database);
            Folder folder(*database);
            folder.add("CREATE TABLE colours (name text);\nDELETE FROM messages;\nDROP TABLE mailbox;");
            folder.add(broken);
            for (int attempt = 0; attempt < 2; ++attempt) {
                const auto migrated = migrateHistory(*database, folder.dir.path());
                QVERIFY(!migrated);
                QVERIFY(!migrated.error().text.isEmpty());
                QCOMPARE(schema(place), qint64(folder.newest - 2));
                QCOMPARE(place.number(tables), before);
                QCOMPARE(place.number(u"SELECT count(*) FROM messages"_s), qint64(3));
            }
            // Once the file is right, it goes on.
            QVERIFY(
                QFile::remove(folder.dir.filePath(u"%1_more.sql"_s.arg(folder.newest, 3, 10, QChar(u'0')))));
            --folder.newest;
            QVERIFY(migrateHistory(*database, folder.dir.path()));
            QCOMPARE(schema(place), qint64(folder.newest));
        }
    }

    void isAllOrNothingFromTheStart()
    {
        const HistoryPlace place;
        const auto database = open(place);
        QVERIFY(database);
        Folder folder(*database);
        folder.add("CREATE GIBBERISH;");
        QVERIFY(!migrateHistory(*database, folder.dir.path()));
        QVERIFY(migrateHistory(*database, historySchemaFolder(*database)));
        QCOMPARE(schema(place), qint64(folder.newest - 1));
    }

    void refusesWhatIsNewer()
    {
        const HistoryPlace place;
        QVERIFY(fill(place));
        const auto database = open(place);
        QVERIFY(database);
        Folder folder(*database);
        folder.add("CREATE TABLE colours (name text);");
        QVERIFY(migrateHistory(*database, folder.dir.path()));
        const auto migrated = migrateHistory(*database, historySchemaFolder(*database));
        QVERIFY(!migrated);
        QVERIFY(migrated.error().code == Error::Code::Unsupported);
        QCOMPARE(schema(place), qint64(folder.newest));
    }

    void refusesToMigrateWhatIsDamaged()
    {
        const HistoryPlace place;
        if (!place.isSqlite())
            QSKIP("SQLite alone");
        QVERIFY(fill(place));
        const qint64 page
            = place.number(u"SELECT rootpage FROM sqlite_master WHERE name = 'conversations'"_s);
        const qint64 size = place.number(u"PRAGMA page_size"_s);
        QFile file(place.path());
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek((page - 1) * size));
        file.write(QByteArray(size, '\x55'));
        file.close();
        const auto database = open(place);
        QVERIFY(database);
        Folder folder(*database);
        folder.add("CREATE TABLE colours (name text);");
        const auto migrated = migrateHistory(*database, folder.dir.path());
        QVERIFY(!migrated);
        QVERIFY2(migrated.error().text.contains(u"damaged"_s), qPrintable(migrated.error().text));
        QCOMPARE(schema(place), qint64(folder.newest - 1));
        QCOMPARE(QDir(QFileInfo(place.path()).path()).entryList({u"*.backup"_s}).size(), 0);
    }

    void refusesToMigrateWithoutABackup()
    {
        const HistoryPlace place;
        if (!place.isSqlite())
            QSKIP("SQLite alone");
        QVERIFY(fill(place));
        const auto database = open(place);
        QVERIFY(database);
        Folder folder(*database);
        // Where the backup would be is a folder.
        QVERIFY(QDir().mkdir(place.path() + u".schema-%1.backup"_s.arg(folder.newest)));
        folder.add("CREATE TABLE colours (name text);");
        const auto migrated = migrateHistory(*database, folder.dir.path());
        QVERIFY(!migrated);
        QVERIFY2(migrated.error().text.contains(u"backup"_s), qPrintable(migrated.error().text));
        QCOMPARE(schema(place), qint64(folder.newest - 1));
    }

    void refusesNoFilesAtAll()
    {
        const HistoryPlace place;
        const auto database = open(place);
        QVERIFY(database);
        const QTemporaryDir empty;
        QVERIFY(!migrateHistory(*database, empty.path()));
    }
};

QTEST_GUILESS_MAIN(TestHistorySchema)
#include "tst_historyschema.moc"
