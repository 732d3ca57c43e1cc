// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzztargets.h"

#include <QDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// Every input that is kept for the fuzzers, through its target: the seeds, and what a fuzzer has found.
class TestCorpora : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void replay_data();
    void replay();
};

void TestCorpora::replay_data()
{
    QTest::addColumn<int>("target");
    QTest::addColumn<QString>("folder");
    int index = 0;
    for (const fuzz::Target &target : fuzz::targets()) {
        const auto row = [&](const char *kind, const QString &folder) {
            QTest::addRow("%s, %s", target.name, kind)
                << index << QString(folder % u'/' % QLatin1StringView(target.name));
        };
        row("seeds", u"" WIREROOM_FUZZ_CORPUS ""_s);
        row("found", u"" WIREROOM_FUZZ_FOUND ""_s);
        ++index;
    }
}

void TestCorpora::replay()
{
    QFETCH(int, target);
    QFETCH(QString, folder);
    const QFileInfoList files = QDir(folder).entryInfoList(QDir::Files, QDir::Name);
    QVERIFY2(!files.isEmpty() || folder.startsWith(u"" WIREROOM_FUZZ_FOUND ""_s), qPrintable(folder));
    for (const QFileInfo &info : files) {
        QFile file(info.filePath());
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(info.filePath()));
        // It ends the program where something is wrong; then this line tells with what.
        qInfo("%s", qPrintable(info.filePath()));
        fuzz::targets()[size_t(target)].run(file.readAll());
    }
}

QTEST_GUILESS_MAIN(TestCorpora)
#include "tst_corpora.moc"
