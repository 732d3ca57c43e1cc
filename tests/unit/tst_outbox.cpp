// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/outbox.h"

#include <QFile>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

OutboxMessage message(quint64 ref, const QByteArray &body = "hello", const chat::Addressees &to = {})
{
    return {.ref = ref, .to = to, .kind = chat::BodyKind::Text, .body = body, .time = 1'000 + qint64(ref)};
}

QList<quint64> refs(const OutboxPage &page)
{
    QList<quint64> refs;
    for (const OutboxMessage &m : page.messages)
        refs << m.ref;
    return refs;
}

constexpr quint64 kNoLimit = 1'000'000'000;

} // namespace

class TestOutbox : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void keepsEverything()
    {
        std::vector<OutboxMessage> messages{
            message(1),
            message(2, ""),
            message(5, QByteArray("\0\xff\0", 3), std::vector{ClientId(0), ClientId(1ull << 62)}),
            message(6, QByteArray(3'000'000, 'x'), std::vector<ClientId>()),
        };
        messages[2].kind = chat::BodyKind::Bytes;
        {
            const auto outbox = open();
            QVERIFY(outbox->kept().isNew);
            OutboxChanges changes;
            changes.add = messages;
            changes.lastSeq = 1ull << 62;
            changes.name = u"Ännchen"_s;
            changes.joined = true;
            QVERIFY(!outbox->write(changes));
            QCOMPARE(outbox->kept().lastRef, 6u);
        }
        const auto outbox = open();
        QVERIFY(!outbox->kept().isNew);
        QVERIFY(outbox->kept().joined);
        QCOMPARE(outbox->kept().lastRef, 6u);
        QCOMPARE(outbox->kept().lastSeq, 1ull << 62);
        QCOMPARE(outbox->kept().name, u"Ännchen"_s);
        const Result<OutboxPage> page = outbox->read(0, 100, kNoLimit);
        QVERIFY(bool(page));
        QVERIFY(!page.value().more);
        QCOMPARE(page.value().messages, messages);
    }

    void lastRefOutlivesItsMessage()
    {
        {
            const auto outbox = open();
            OutboxChanges changes;
            changes.add = {message(8), message(9)};
            QVERIFY(!outbox->write(changes));
            changes = {};
            changes.forget = {9, 8, 77};
            QVERIFY(!outbox->write(changes));
        }
        const auto outbox = open();
        QCOMPARE(outbox->kept().lastRef, 9u);
        QVERIFY(outbox->read(0, 100, kNoLimit).value().messages.empty());
        OutboxChanges changes;
        changes.lastRef = 4; // is only raised
        QVERIFY(!outbox->write(changes));
        QCOMPARE(outbox->kept().lastRef, 9u);
        changes.lastRef = 40;
        QVERIFY(!outbox->write(changes));
        QCOMPARE(outbox->kept().lastRef, 40u);
    }

    void pages_data()
    {
        QTest::addColumn<quint64>("after");
        QTest::addColumn<int>("limit");
        QTest::addColumn<quint64>("bytes");
        QTest::addColumn<QList<quint64>>("expected");
        QTest::addColumn<bool>("more");
        QTest::newRow("all") << 0ull << 10 << kNoLimit << QList<quint64>{1, 2, 3, 4} << false;
        QTest::newRow("exactly all") << 0ull << 4 << quint64(400) << QList<quint64>{1, 2, 3, 4} << false;
        QTest::newRow("by number") << 0ull << 3 << kNoLimit << QList<quint64>{1, 2, 3} << true;
        QTest::newRow("by bytes") << 0ull << 10 << quint64(399) << QList<quint64>{1, 2, 3} << true;
        QTest::newRow("one at least") << 1ull << 10 << quint64(1) << QList<quint64>{2} << true;
        QTest::newRow("behind one that is gone") << 3ull << 10 << kNoLimit << QList<quint64>{4} << false;
        QTest::newRow("none") << 4ull << 10 << kNoLimit << QList<quint64>{} << false;
    }

    void pages()
    {
        QFETCH(const quint64, after);
        QFETCH(const int, limit);
        QFETCH(const quint64, bytes);
        QFETCH(const QList<quint64>, expected);
        QFETCH(const bool, more);
        const auto outbox = open();
        OutboxChanges changes;
        for (quint64 ref = 1; ref <= 4; ++ref)
            changes.add.push_back(message(ref, QByteArray(100, 'x')));
        QVERIFY(!outbox->write(changes));
        const Result<OutboxPage> page = outbox->read(after, size_t(limit), bytes);
        QVERIFY(bool(page));
        QCOMPARE(refs(page.value()), expected);
        QCOMPARE(page.value().more, more);
    }

    void failures()
    {
        const auto outbox = open();
        OutboxChanges changes;
        changes.add = {message(1), message(2), message(3)};
        QVERIFY(!outbox->write(changes));
        changes = {};
        changes.fail = {{2, u"too long"_s}};
        QVERIFY(!outbox->write(changes));
        changes = {};
        changes.failAll = u"another identity"_s;
        changes.add = {message(4)};
        QVERIFY(!outbox->write(changes));
        QStringList reasons;
        const Result<OutboxPage> page = outbox->read(0, 100, kNoLimit);
        QVERIFY(bool(page));
        for (const OutboxMessage &m : page.value().messages)
            reasons << m.why;
        QCOMPARE(reasons, (QStringList{u"another identity"_s, u"too long"_s, u"another identity"_s, {}}));
    }

    void allOrNothing()
    {
        const auto outbox = open();
        OutboxChanges changes;
        changes.add = {message(1)};
        QVERIFY(!outbox->write(changes));
        changes.add = {message(2), message(1)}; // a ref that is there
        changes.lastSeq = 50;
        const std::optional<Error> error = outbox->write(changes);
        QVERIFY(error);
        QVERIFY2(error->text.contains(path()), qPrintable(error->text));
        QCOMPARE(outbox->kept().lastRef, 1u);
        QCOMPARE(outbox->kept().lastSeq, 0u);
        QCOMPARE(refs(outbox->read(0, 100, kNoLimit).value()), QList<quint64>{1});
        changes.add = {message(2)};
        QVERIFY(!outbox->write(changes));
        QCOMPARE(outbox->kept().lastSeq, 50u);
    }

    /// What write() answered for is in the files at that moment, whatever happens next.
    void survivesACrash()
    {
        const auto outbox = open();
        for (quint64 ref = 1; ref <= 50; ++ref) {
            OutboxChanges changes;
            changes.add = {message(ref)};
            changes.lastSeq = ref * 10;
            if (ref > 10)
                changes.forget = {ref - 10};
            QVERIFY(!outbox->write(changes));
            QTemporaryDir copy;
            const QString file = copy.filePath(u"outbox"_s);
            QVERIFY(QFile::copy(path(), file));
            QVERIFY(QFile::copy(path() + u"-wal"_s, file + u"-wal"_s));
            const auto found = Outbox::open(file);
            QVERIFY(bool(found));
            QCOMPARE(found.value()->kept().lastRef, ref);
            QCOMPARE(found.value()->kept().lastSeq, ref * 10);
            QCOMPARE(found.value()->read(0, 100, kNoLimit).value().messages.size(),
                     size_t(std::min<quint64>(ref, 10)));
        }
    }

    void inMemory()
    {
        Result<std::unique_ptr<Outbox>> outbox = Outbox::open({});
        QVERIFY(bool(outbox));
        OutboxChanges changes;
        changes.add = {message(1)};
        QVERIFY(!outbox.value()->write(changes));
        Result<std::unique_ptr<Outbox>> another = Outbox::open({});
        QVERIFY(bool(another));
        QCOMPARE(another.value()->kept().lastRef, 0u);
        QCOMPARE(refs(outbox.value()->read(0, 100, kNoLimit).value()), QList<quint64>{1});
    }

    void rightsOfTheFiles()
    {
        const auto outbox = open();
        OutboxChanges changes;
        changes.add = {message(1)};
        QVERIFY(!outbox->write(changes));
        for (const QString &end : {QString(), u"-wal"_s}) {
            const QFile::Permissions rights = QFile::permissions(path() + end);
            QVERIFY(
                !(rights & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther)));
        }
    }

    void filesThatAreNone_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("text") << QByteArray("hello\n").repeated(1'000);
        QTest::newRow("half a header") << QByteArray("SQLite format 3\0half", 20);
    }

    void filesThatAreNone()
    {
        QFETCH(const QByteArray, content);
        QFile file(path());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        const auto outbox = Outbox::open(path());
        QVERIFY(!outbox);
        QVERIFY2(outbox.error().text.contains(path()), qPrintable(outbox.error().text));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), content); // nothing of it was touched
    }

    void newerVersion()
    {
        open().reset();
        {
            QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"test"_s);
            database.setDatabaseName(path());
            QVERIFY(database.open());
            QVERIFY(QSqlQuery(database).exec(u"PRAGMA user_version = 99"_s));
        }
        QSqlDatabase::removeDatabase(u"test"_s);
        const auto outbox = Outbox::open(path());
        QVERIFY(!outbox);
        QVERIFY(outbox.error().text.contains(u"newer"));
    }

private:
    QString path() const { return m_dir->filePath(u"outbox"_s); }

    std::unique_ptr<Outbox> open() const
    {
        Result<std::unique_ptr<Outbox>> outbox = Outbox::open(path());
        if (!outbox) {
            qWarning("%s", qPrintable(outbox.error().text));
            return nullptr;
        }
        return std::move(outbox).value();
    }

    std::unique_ptr<QTemporaryDir> m_dir;
};

QTEST_GUILESS_MAIN(TestOutbox)
#include "tst_outbox.moc"
