// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/recipientnames.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

class TestRecipientNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void initTestCase()
    {
        m_names.setName(ClientId(1), u"ann"_s);
        m_names.setName(ClientId(2), u"Bo"_s);
        m_names.setName(ClientId(3), u"Doe, Jane"_s);
        m_names.setName(ClientId(4), u"twin"_s);
        m_names.setName(ClientId(5), u"Twin"_s);
        m_names.setName(ClientId(6), u"7"_s);
        m_names.setName(ClientId(8), u"ann (9)"_s);
    }

    void reads_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("expected");
        QTest::newRow("an ID") << u"12"_s << u"12"_s;
        QTest::newRow("ranges") << u"1, 3,5-8"_s << u"1,3,5-8"_s;
        QTest::newRow("everyone") << u"all"_s << u"all"_s;
        QTest::newRow("a name") << u"ann"_s << u"1"_s;
        QTest::newRow("in any case, with blanks") << u"  BO "_s << u"2"_s;
        QTest::newRow("a name and its ID") << u"ann (1)"_s << u"1"_s;
        QTest::newRow("one of two with that name") << u"twin (5)"_s << u"5"_s;
        QTest::newRow("a name with a comma") << u"Doe, Jane"_s << u"3"_s;
        QTest::newRow("a name with a comma and its ID") << u"Doe, Jane (3)"_s << u"3"_s;
        QTest::newRow("names and IDs") << u"ann, bo (2),12,20-22"_s << u"1-2,12,20-22"_s;
        QTest::newRow("a number is an ID before it is a name") << u"7"_s << u"7"_s;
        QTest::newRow("a name that looks like one with its ID") << u"ann (9)"_s << u"8"_s;
        QTest::newRow("all but a name") << u"all except ann"_s << u"all except 1"_s;
        QTest::newRow("all but several") << u"ALL but ann, 12"_s << u"all except 1,12"_s;
        QTest::newRow("all but, in short") << u"!bo"_s << u"all except 2"_s;
    }

    void reads()
    {
        QFETCH(QString, typed);
        const Result<Recipients> read = recipientsFromTyped(typed, m_names);
        QVERIFY2(read, read ? "" : qPrintable(read.error().text));
        QTEST(read.value().toString(), "expected");
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("part");
        QTest::newRow("nothing") << QString() << QString();
        QTest::newRow("nobody") << u"zoe"_s << u"“zoe”"_s;
        QTest::newRow("nobody in a list") << u"ann, zoe"_s << u"“zoe”"_s;
        QTest::newRow("another's ID") << u"ann (2)"_s << u"“ann (2)”"_s;
        QTest::newRow("two of that name") << u"twin"_s << u"2 clients are called “twin”: 4-5."_s;
        QTest::newRow("everyone in a list") << u"ann, all"_s << u"“all”"_s;
        QTest::newRow("an empty place") << u"ann,,bo"_s << QString();
        QTest::newRow("backwards") << u"ann, 8-5"_s << u"8-5"_s;
        QTest::newRow("nobody is left out") << u"all except"_s << QString();
    }

    void refuses()
    {
        QFETCH(QString, typed);
        QFETCH(QString, part);
        const Result<Recipients> read = recipientsFromTyped(typed, m_names);
        QVERIFY(!read);
        QVERIFY(!read.error().text.isEmpty());
        QVERIFY2(read.error().text.contains(part), qPrintable(read.error().text));
    }

    void knowsWhetherNamesAreNew()
    {
        NameBook names;
        const quint64 before = names.revision();
        names.setName(ClientId(1), u"ann"_s);
        const quint64 once = names.revision();
        QVERIFY(once != before);
        names.setName(ClientId(1), u"ann"_s);
        QCOMPARE(names.revision(), once);
        names.setName(ClientId(1), u"Ann"_s);
        QVERIFY(names.revision() != once);
        QCOMPARE(names.all(), QStringList{u"Ann (1)"_s});
        const quint64 latest = names.revision();
        names.learn(ClientForgotten{ClientId(2)});
        QCOMPARE(names.revision(), latest);
        names.learn(ClientForgotten{ClientId(1)});
        QVERIFY(names.revision() != latest);
        QVERIFY(names.all().isEmpty());
        names.setName(ClientId(1), u"Ann"_s);
        names.clear();
        QVERIFY(names.all().isEmpty());
    }

private:
    NameBook m_names;
};

QTEST_GUILESS_MAIN(TestRecipientNames)
#include "tst_recipientnames.moc"
