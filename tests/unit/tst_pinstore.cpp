// SPDX-License-Identifier: Apache-2.0
#include "client-gui/core/pinstore.h"

#include <QDir>
#include <QFileInfo>
#include <QLockFile>
#include <QTemporaryDir>
#include <QTest>

#ifdef Q_OS_UNIX
#include <sys/stat.h>
#include <unistd.h>
#endif

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

const HostPort kPlace{u"chat.example.org"_s, 4040};

Fingerprint fingerprint(char16_t digit)
{
    return *Fingerprint::fromString(QString(64, QChar(digit)));
}

} // namespace

class TestPinStore : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_dir;

    QString file() const { return m_dir->filePath(u"state/wireroom/known-servers"_s); }

    QByteArray content() const
    {
        QFile f(file());
        return f.open(QIODevice::ReadOnly) ? f.readAll() : QByteArray();
    }

    void writeFile(const QByteArray &text) const
    {
        QVERIFY(QDir().mkpath(QFileInfo(file()).path()));
        QFile f(file());
        QVERIFY(f.open(QIODevice::WriteOnly));
        QCOMPARE(f.write(text), text.size());
    }

    /// Nothing: not known.
    static std::optional<Fingerprint> known(const PinStore &store, const HostPort &place)
    {
        const auto found = store.find(place);
        if (!found)
            qWarning("%s", qPrintable(found.error().text));
        return found ? found.value() : std::nullopt;
    }

private Q_SLOTS:

    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        QVERIFY(m_dir->isValid());
    }

    void keepsAndFinds()
    {
        const PinStore store(file());
        const auto before = store.find(kPlace);
        QVERIFY(before);
        QVERIFY(!before.value());
        // Asking makes nothing.
        QVERIFY(!QFileInfo::exists(QFileInfo(file()).path()));

        QVERIFY(!store.keep(kPlace, fingerprint(u'A'), std::nullopt));
        QVERIFY(!store.keep({u"::1"_s, 4040}, fingerprint(u'B'), std::nullopt));
        const PinStore other(file());
        QVERIFY(known(other, kPlace) == fingerprint(u'A'));
        QVERIFY(known(other, {u"::1"_s, 4040}) == fingerprint(u'B'));
        QVERIFY(!known(other, {u"chat.example.org"_s, 4041}));
        QVERIFY(!known(other, {u"example.org"_s, 4040}));
    }

    void replacesOnlyWhatWasShown()
    {
        const PinStore store(file());
        QVERIFY(!store.keep(kPlace, fingerprint(u'A'), std::nullopt));
        // The same once more is no change.
        QVERIFY(!store.keep(kPlace, fingerprint(u'A'), std::nullopt));

        const auto raced = store.keep(kPlace, fingerprint(u'C'), std::nullopt);
        QVERIFY(raced && raced->code == Error::Code::InUse);
        QVERIFY(store.keep(kPlace, fingerprint(u'C'), fingerprint(u'B')));
        QVERIFY(known(store, kPlace) == fingerprint(u'A'));
        QVERIFY(store.keep({u"other"_s, 1}, fingerprint(u'C'), fingerprint(u'B')));
        QVERIFY(!known(store, {u"other"_s, 1}));

        QVERIFY(!store.keep(kPlace, fingerprint(u'C'), fingerprint(u'A')));
        QVERIFY(known(store, kPlace) == fingerprint(u'C'));
        QCOMPARE(content().count("chat.example.org"), 1);
    }

    void leavesTheOtherLines()
    {
        writeFile("# mine\r\n\n[::1]:4040\t" + fingerprint(u'B').toString().toLower().toLatin1()
                  + "\r\nChat.Example.org:4040 "
                  + fingerprint(u'A').toLines().replace(u'\n', u' ').toLatin1());
        const PinStore store(file());
        QVERIFY(known(store, kPlace) == fingerprint(u'A'));
        QVERIFY(known(store, {u"0:0:0:0:0:0:0:1"_s, 4040}) == fingerprint(u'B'));
        QVERIFY(!store.keep(kPlace, fingerprint(u'C'), fingerprint(u'A')));
        QVERIFY2(content().startsWith("# mine\r\n[::1]:4040\t"), content().constData());
        QVERIFY(known(store, kPlace) == fingerprint(u'C'));
        QVERIFY(known(store, {u"::1"_s, 4040}) == fingerprint(u'B'));
    }

    void knowsAServerByAnySpelling_data()
    {
        QTest::addColumn<QString>("kept");
        QTest::addColumn<QString>("asked");
        QTest::newRow("letters' case") << u"Chat.Example.ORG"_s << u"chat.example.org"_s;
        QTest::newRow("IPv6") << u"fe80::0001"_s << u"FE80:0::1"_s;
        QTest::newRow("umlaut") << u"Bücher.example"_s << u"bücher.example"_s;
        QTest::newRow("umlaut, ASCII") << u"bücher.example"_s << u"xn--bcher-kva.example"_s;
        QTest::newRow("underline") << u"my_server"_s << u"MY_server"_s;
        QTest::newRow("no host name at all") << u"a b\n#%"_s << u"A B\n#%"_s;
        QTest::newRow("looks like an entry") << u"a:1 b"_s << u"a:1 b"_s;
    }

    void knowsAServerByAnySpelling()
    {
        QFETCH(QString, kept);
        QFETCH(QString, asked);
        const PinStore store(file());
        QVERIFY(!store.keep({kept, 4040}, fingerprint(u'A'), std::nullopt));
        QVERIFY(known(store, {asked, 4040}) == fingerprint(u'A'));
        QVERIFY(!store.keep({asked, 4040}, fingerprint(u'B'), fingerprint(u'A')));
        QVERIFY(known(store, {kept, 4040}) == fingerprint(u'B'));
        QCOMPARE(content().count('\n'), 2);
    }

    void isNeverUnknownWhereDamaged_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray pin = fingerprint(u'A').toString().toLatin1();
        QTest::newRow("no fingerprint") << QByteArray("other:1\n");
        QTest::newRow("a short one") << "other:1 " + pin.chopped(1) + '\n';
        QTest::newRow("no port") << "other " + pin + '\n';
        QTest::newRow("port 0") << "other:0 " + pin + '\n';
        QTest::newRow("no host") << ":1 " + pin + '\n';
        QTest::newRow("twice") << "other:1 " + pin + "\nOTHER:1 " + pin + '\n';
        QTest::newRow("binary") << QByteArray("\0\xff\x01", 3);
        QTest::newRow("far too large") << QByteArray(5 * 1024 * 1024, '#');
    }

    void isNeverUnknownWhereDamaged()
    {
        QFETCH(QByteArray, text);
        writeFile(text);
        const PinStore store(file());
        const auto found = store.find(kPlace);
        QVERIFY(!found);
        QVERIFY2(found.error().text.contains(u"known-servers"_s), qPrintable(found.error().text));
        // And it is not written over.
        QVERIFY(store.keep(kPlace, fingerprint(u'B'), std::nullopt));
        QVERIFY(content() == text);
    }

    void isNeverUnknownWhereUnreadable()
    {
        QVERIFY(QDir().mkpath(file()));
        QVERIFY(!PinStore(file()).find(kPlace));
#ifdef Q_OS_UNIX
        if (::geteuid() == 0)
            QSKIP("Root may read everything: the other half of this test was left out.");
        QVERIFY(QDir().rmdir(file()));
        writeFile({});
        QVERIFY(QFile::setPermissions(file(), {}));
        QVERIFY(!PinStore(file()).find(kPlace));
        QVERIFY(QFile::setPermissions(file(), QFile::ReadOwner | QFile::WriteOwner));
        QVERIFY(PinStore(file()).find(kPlace));
        const QString folder = QFileInfo(file()).path();
        QVERIFY(QFile::setPermissions(folder, {}));
        const auto found = PinStore(file()).find(kPlace);
        QVERIFY(QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        QVERIFY(!found);
#endif
    }

    void saysWhatCannotBeKept()
    {
        writeFile({});
        QVERIFY(QFile::remove(file()));
        const QString folder = QFileInfo(file()).path();
        QVERIFY(QDir().rmdir(folder));
        QFile blocked(folder);
        QVERIFY(blocked.open(QIODevice::WriteOnly));
        const auto error = PinStore(file()).keep(kPlace, fingerprint(u'A'), std::nullopt);
        QVERIFY(error);
        QVERIFY2(error->text.contains(u"known-servers"_s), qPrintable(error->text));
    }

    void waitsForAnotherClient()
    {
        writeFile({});
        QLockFile lock(file() + u".lock"_s);
        QVERIFY(lock.tryLock());
        const PinStore store(file());
        const auto error = store.keep(kPlace, fingerprint(u'A'), std::nullopt);
        QVERIFY(error && error->code == Error::Code::InUse);
        QVERIFY(!known(store, kPlace));
        lock.unlock();
        QVERIFY(!store.keep(kPlace, fingerprint(u'A'), std::nullopt));
        QVERIFY(known(store, kPlace) == fingerprint(u'A'));
    }

    void isPrivateWhateverTheUmask()
    {
#ifdef Q_OS_UNIX
        const mode_t before = ::umask(0);
        const auto error = PinStore(file()).keep(kPlace, fingerprint(u'A'), std::nullopt);
        ::umask(before);
        QVERIFY(!error);
        const auto mode = [](const QString &path) {
            struct stat status = {};
            return ::stat(QFile::encodeName(path).constData(), &status) == 0 ? status.st_mode & 07777 : 0;
        };
        QCOMPARE(mode(file()), 0600U);
        QCOMPARE(mode(QFileInfo(file()).path()), 0700U);
        QCOMPARE(mode(m_dir->filePath(u"state"_s)), 0700U);
        // One that everybody may write is so no more after the next change.
        QCOMPARE(::chmod(QFile::encodeName(file()).constData(), 0666), 0);
        QVERIFY(!PinStore(file()).keep(kPlace, fingerprint(u'B'), fingerprint(u'A')));
        QCOMPARE(mode(file()), 0600U);
#else
        QSKIP("There is no umask here.");
#endif
    }
};

QTEST_GUILESS_MAIN(TestPinStore)

#include "tst_pinstore.moc"
