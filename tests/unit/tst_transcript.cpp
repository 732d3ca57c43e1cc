// SPDX-License-Identifier: Apache-2.0
#include "client-gui/transcript.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#ifdef Q_OS_LINUX
#include <csignal>
#include <sys/resource.h>
#endif

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

chat::Delivery delivery(quint64 seq, const QByteArray &text = "hello")
{
    return {seq, 1'000, ClientId(3), {}, chat::BodyKind::Text, text};
}

} // namespace

class TestTranscript : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void goesOnWhereItEnded()
    {
        const chat::Delivery first = delivery(4);
        const chat::Delivery second = delivery(9, QByteArray(200'000, 'x') + "\n\"}");
        const chat::Delivery third = delivery(12, "grüß\n");
        {
            const auto transcript = Transcript::open(path());
            QVERIFY(bool(transcript));
            QCOMPARE(transcript.value()->lastSeq(), 0u);
            QVERIFY(!transcript.value()->append({&first, &second}));
            QVERIFY(!transcript.value()->append({&first, &second})); // old
            QVERIFY(!transcript.value()->append({}));
            QCOMPARE(transcript.value()->lastSeq(), 9u);
        }
        {
            const auto transcript = Transcript::open(path());
            QVERIFY(bool(transcript));
            QCOMPARE(transcript.value()->lastSeq(), 9u);
            QVERIFY(!transcript.value()->append({&second, &third}));
        }
        QCOMPARE(seqs(), (QList<int>{4, 9, 12}));
        QCOMPARE(lines()[2]["text"_L1].toString(), u"grüß\n"_s);
        QCOMPARE(lines()[2]["from"_L1].toInt(), 3);
    }

    /// As killed at every byte of a write.
    void cutsATornLineOff()
    {
        const chat::Delivery first = delivery(4);
        const chat::Delivery second = delivery(5);
        qint64 wholeLine = 0;
        {
            const auto transcript = Transcript::open(path());
            QVERIFY(bool(transcript));
            QVERIFY(!transcript.value()->append({&first}));
            wholeLine = QFileInfo(path()).size();
            QVERIFY(!transcript.value()->append({&second}));
        }
        const QByteArray both = content();
        for (qint64 size = 0; size <= both.size(); ++size) {
            QFile file(path());
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(both.first(size));
            file.close();
            const quint64 expected = size < wholeLine ? 0 : size < both.size() ? 4 : 5;
            const auto transcript = Transcript::open(path());
            QVERIFY2(bool(transcript), transcript ? "" : qPrintable(transcript.error().text));
            QCOMPARE(transcript.value()->lastSeq(), expected);
            QVERIFY(!transcript.value()->append({&first, &second}));
            QCOMPARE(content(), both);
        }
    }

    void foreignFiles_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("text") << QByteArray("hello\n");
        QTest::newRow("text without an end") << QByteArray("hello");
        QTest::newRow("JSON of another kind") << QByteArray("{\"a\":1}\n");
        QTest::newRow("an empty last line") << QByteArray("{\"seq\":1}\n\n");
        QTest::newRow("bytes") << QByteArray("\0\1\2", 3).repeated(100'000);
    }

    void foreignFiles()
    {
        QFETCH(const QByteArray, bytes);
        QFile file(path());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
        file.close();
        const auto transcript = Transcript::open(path());
        QVERIFY(!transcript);
        QVERIFY(transcript.error().text.contains(path()));
        QCOMPARE(content(), bytes);
    }

    void placesThatCannotBeWritten()
    {
        const auto transcript = Transcript::open(m_dir->filePath(u"no/such/folder"_s));
        QVERIFY(!transcript);
        QVERIFY(transcript.error().text.contains(u"no/such/folder"));
    }

#ifdef Q_OS_LINUX
    /// A limit on the size of files is what a full disk looks like to a program.
    void fullDisk()
    {
        ::signal(SIGXFSZ, SIG_IGN);
        const chat::Delivery first = delivery(1);
        const chat::Delivery large = delivery(2, QByteArray(10'000, 'x'));
        const chat::Delivery third = delivery(3);
        const auto transcript = Transcript::open(path());
        QVERIFY(bool(transcript));
        QVERIFY(!transcript.value()->append({&first}));
        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        rlimit full = before;
        full.rlim_cur = 5'000;
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &full), 0);
        const std::optional<Error> error = transcript.value()->append({&large});
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
        QVERIFY(error);
        QVERIFY(error->text.contains(path()));
        // A message after the one that is missing must not come into it.
        QVERIFY(!transcript.value()->append({&third}));
        QCOMPARE(seqs(), QList<int>{1});
        const auto again = Transcript::open(path());
        QVERIFY(bool(again));
        QCOMPARE(again.value()->lastSeq(), 1u);
    }
#endif

private:
    QString path() const
    {
        return m_dir->filePath(u"room.jsonl"_s);
    }

    QByteArray content() const
    {
        QFile file(path());
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    QList<QJsonObject> lines() const
    {
        QList<QJsonObject> objects;
        for (const QByteArray &line : content().split('\n')) {
            if (!line.isEmpty())
                objects << QJsonDocument::fromJson(line).object();
        }
        return objects;
    }

    QList<int> seqs() const
    {
        QList<int> seqs;
        for (const QJsonObject &line : lines())
            seqs << line["seq"_L1].toInt();
        return seqs;
    }

    std::unique_ptr<QTemporaryDir> m_dir;
};

QTEST_GUILESS_MAIN(TestTranscript)
#include "tst_transcript.moc"
