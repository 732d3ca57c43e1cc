// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historylocation.h"
#include "server-gui/core/historyrow.h"

#include <QDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;
using chat::Addressees;

/// How messages are written in columns, texts made ready for the search, and the history's place is read.
class TestHistoryRow : public QObject
{
    Q_OBJECT

private:
    static Addressees only(std::initializer_list<quint64> ids)
    {
        std::vector<ClientId> list;
        for (const quint64 id : ids)
            list.emplace_back(id);
        return list;
    }

private Q_SLOTS:

    void writesRecipients_data()
    {
        QTest::addColumn<Addressees>("to");
        QTest::addColumn<QString>("column");
        QTest::newRow("everyone") << Addressees() << QString();
        QTest::newRow("nobody") << only({}) << u""_s;
        QTest::newRow("one") << only({7}) << u"7"_s;
        QTest::newRow("operator") << only({0}) << u"0"_s;
        QTest::newRow("some") << only({9, 3, 12}) << u"9,3,12"_s;
        QTest::newRow("large") << only({18446744073709551615ull}) << u"18446744073709551615"_s;
    }

    void writesRecipients()
    {
        QFETCH(const Addressees, to);
        QFETCH(const QString, column);
        const QString written = recipientsColumn(to);
        QCOMPARE(written, column);
        QCOMPARE(written.isNull(), !to.has_value());
        QVERIFY(recipientsFromColumn(written, written.isNull()) == to);
    }

    void readsStrangeRecipients()
    {
        QVERIFY(recipientsFromColumn(u",,3,"_s, false) == only({3}));
        QVERIFY(recipientsFromColumn(u"1"_s, true) == Addressees());
    }

    void namesConversations_data()
    {
        QTest::addColumn<quint64>("sender");
        QTest::addColumn<Addressees>("to");
        QTest::addColumn<QString>("column");
        QTest::newRow("everyone") << quint64(3) << Addressees() << u"*"_s;
        QTest::newRow("nobody") << quint64(3) << only({}) << u"3"_s;
        QTest::newRow("itself") << quint64(3) << only({3}) << u"3"_s;
        QTest::newRow("one") << quint64(3) << only({11}) << u"3,11"_s;
        QTest::newRow("back") << quint64(11) << only({3}) << u"3,11"_s;
        QTest::newRow("operator") << quint64(3) << only({0}) << u"0,3"_s;
        QTest::newRow("group") << quint64(5) << only({11, 2, 3}) << u"2,3,5,11"_s;
        QTest::newRow("group, back") << quint64(2) << only({5, 3, 11, 5, 2}) << u"2,3,5,11"_s;
    }

    void namesConversations()
    {
        QFETCH(const quint64, sender);
        QFETCH(const Addressees, to);
        QFETCH(const QString, column);
        QCOMPARE(conversationColumn(ClientId(sender), to), column);
    }

    void namesLargeConversations()
    {
        std::vector<ClientId> many;
        for (quint64 id = 1; id <= 10'000; ++id)
            many.emplace_back(id * 7);
        const QString column = conversationColumn(ClientId(7), many);
        QVERIFY(column.startsWith(u'#'));
        QCOMPARE(column.size(), 65);
        QCOMPARE(conversationColumn(ClientId(14), std::vector(many.rbegin(), many.rend())), column);
        many.pop_back();
        QVERIFY(conversationColumn(ClientId(7), many) != column);
        // Where the change is: nothing of it is longer than an index takes.
        many.clear();
        QString longest;
        for (quint64 id = 100; id < 200; ++id) {
            many.emplace_back(id);
            const QString name = conversationColumn(ClientId(100), many);
            QVERIFY(name.size() <= 200);
            if (name.size() > longest.size())
                longest = name;
        }
        QVERIFY(longest.startsWith(u"100,101,"_s) && longest.size() > 190);
    }

    void foldsTexts_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("folded");
        QTest::newRow("empty") << QByteArray() << u""_s;
        QTest::newRow("letters") << QByteArray("Hello WORLD 1") << u"hello world 1"_s;
        QTest::newRow("umlauts") << QByteArray("ÄÖÜäöü") << u"äöüäöü"_s;
        QTest::newRow("Greek sigmas") << QByteArray("ΣΑΣ σας") << u"σασ σασ"_s;
        QTest::newRow("Cyrillic") << QByteArray("ПРИВЕТ") << u"привет"_s;
        QTest::newRow("emoji") << QByteArray("😀") << u"😀"_s;
        QTest::newRow("beyond the first plane") << QByteArray("\U00010400") << u"\U00010428"_s;
        QTest::newRow("NUL") << QByteArray("a\0B", 3) << u"a\ufffdb"_s;
        QTest::newRow("no UTF-8") << QByteArray("a\xff") << u"a\ufffd"_s;
    }

    void foldsTexts()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, folded);
        QCOMPARE(foldedText(text), folded);
        QCOMPARE(foldedText(QString::fromUtf8(text)), folded);
        QCOMPARE(foldedText(folded), folded);
    }

    void findsTrigrams_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qsizetype>("most");
        QTest::addColumn<QStringList>("found");
        QTest::newRow("empty") << u""_s << qsizetype(9) << QStringList();
        QTest::newRow("two") << u"ab"_s << qsizetype(9) << QStringList();
        QTest::newRow("three") << u"abc"_s << qsizetype(9) << QStringList{u"abc"_s};
        QTest::newRow("more") << u"abcd e"_s << qsizetype(9)
                              << QStringList{u"abc"_s, u"bcd"_s, u"cd "_s, u"d e"_s};
        QTest::newRow("once") << u"aaaaab"_s << qsizetype(9) << QStringList{u"aaa"_s, u"aab"_s};
        QTest::newRow("some") << u"abcdef"_s << qsizetype(2) << QStringList{u"abc"_s, u"bcd"_s};
        QTest::newRow("two emoji") << u"😀🚀"_s << qsizetype(9) << QStringList();
        QTest::newRow("whole emoji") << u"a😀🚀b"_s << qsizetype(9) << QStringList{u"a😀🚀"_s, u"😀🚀b"_s};
        QTest::newRow("half an emoji")
            << (u"ab"_s + QChar(0xd83d)) << qsizetype(9) << QStringList{u"ab"_s + QChar(0xd83d)};
    }

    void findsTrigrams()
    {
        QFETCH(const QString, text);
        QFETCH(const qsizetype, most);
        QFETCH(const QStringList, found);
        QCOMPARE(trigrams(text, most), found);
    }

    void readsPlaces_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("shown"); ///< empty: not usable
        QTest::addColumn<QString>("connection");
        const QString here = QDir::currentPath();
        const auto row
            = [](const char *name, const QString &url, const QString &shown, const QString &connection = {}) {
                  QTest::newRow(name) << url << shown << connection;
              };
        row("path", u"/var/lib/chat.db"_s, u"/var/lib/chat.db"_s);
        row("relative path", u"chat.db"_s, here + u"/chat.db"_s);
        row("strange path", u"/tmp/a b:c?d#e%20.db"_s, u"/tmp/a b:c?d#e%20.db"_s);
        row("sqlite", u"sqlite:/var/chat.db"_s, u"/var/chat.db"_s);
        row("sqlite, slashes", u"sqlite:///var/chat.db"_s, u"/var/chat.db"_s);
        row("sqlite, relative", u"SQLite:chat.db"_s, here + u"/chat.db"_s);
        row("server", u"postgresql://ann:secret@db.example:5433/chat"_s,
            u"postgresql://ann@db.example:5433/chat"_s, u"db.example 5433 ann secret chat"_s);
        row("short scheme", u"postgres://db/chat"_s, u"postgresql://db/chat"_s, u"db -1   chat"_s);
        row("upper case", u"POSTGRESQL://db/Chat"_s, u"postgresql://db/Chat"_s, u"db -1   Chat"_s);
        row("IPv6", u"postgresql://a:b@[::1]:1/c"_s, u"postgresql://a@[::1]:1/c"_s, u"::1 1 a b c"_s);
        row("percent", u"postgresql://a%40b:s%2Fe%3Acret@h/d"_s, u"postgresql://a@b@h/d"_s,
            u"h -1 a@b s/e:cret d"_s);
        row("socket", u"postgresql:///chat?host=/run/pg&user=ann"_s, u"postgresql://ann@/chat?host=/run/pg"_s,
            u"/run/pg -1 ann  chat"_s);
        row("options", u"postgresql://h/d?sslmode=require&connect_timeout=3"_s, u"postgresql://h/d"_s,
            u"h -1   d sslmode=require;connect_timeout=3"_s);
        row("empty", u""_s, {});
        row("empty sqlite", u"sqlite:"_s, {});
        row("unknown scheme", u"mysql://ann:secret@h/d"_s, {});
        row("file", u"file:///tmp/x"_s, {});
        row("no database", u"postgresql://ann:secret@h"_s, {});
        row("empty database", u"postgresql://ann:secret@h/"_s, {});
        row("two databases", u"postgresql://ann:secret@h/a/b"_s, {});
        row("invalid", u"postgresql://ann:sec ret@h/d"_s, {});
        row("invalid port", u"postgresql://ann:secret@h:x/d"_s, {});
        row("password not encoded", u"postgresql://ann:sec/ret@h/d"_s, {});
        row("unknown option", u"postgresql://ann:secret@h/d?password=secret"_s, {});
        row("option with more in it", u"postgresql://ann:secret@h/d?sslmode=a;password=secret"_s, {});
        row("option with a blank", u"postgresql://h/d?sslmode=a%20password=secret"_s, {});
    }

    void readsPlaces()
    {
        QFETCH(const QString, url);
        QFETCH(const QString, shown);
        QFETCH(const QString, connection);
        const auto location = HistoryLocation::fromUrl(url);
        if (shown.isEmpty()) {
            QVERIFY(!location);
            QVERIFY(location.error().code == Error::Code::BadInput);
            QVERIFY2(!location.error().text.contains(u"secret"_s), qPrintable(location.error().text));
            QVERIFY2(!location.error().text.contains(u"sec"_s), qPrintable(location.error().text));
            return;
        }
        QVERIFY(location);
        const HistoryLocation &place = location.value();
        QCOMPARE(place.toString(), shown);
        QVERIFY(!place.toString().contains(u"secret"_s));
        if (connection.isEmpty()) {
            QVERIFY(place.kind == HistoryLocation::Kind::Sqlite);
            QCOMPARE(place.path, shown);
            return;
        }
        QVERIFY(place.kind == HistoryLocation::Kind::PostgreSql);
        QString options = place.options;
        options.remove(u"connect_timeout=5"_s);
        if (options.endsWith(u';'))
            options.chop(1);
        QCOMPARE((QStringList{place.host, QString::number(place.port), place.user, place.password,
                              place.database, options}
                      .join(u' ')
                      .trimmed()),
                 connection);
    }
};

QTEST_GUILESS_MAIN(TestHistoryRow)
#include "tst_historyrow.moc"
