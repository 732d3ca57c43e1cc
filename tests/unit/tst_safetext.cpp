// SPDX-License-Identifier: Apache-2.0
#include "common/base/jsonline.h"
#include "common/base/safetext.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

class TestSafeText : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void makesVisible_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("several");
        const auto row
            = [](const char *name, const QString &text, const QString &line, const QString &several = {}) {
                  QTest::newRow(name) << text << line << (several.isNull() ? line : several);
              };
        row("empty", u""_s, u""_s);
        row("words", u"Grüße, 世界 🎈"_s, u"Grüße, 世界 🎈"_s);
        row("quotes", u"'; DROP TABLE clients; --\"\\"_s, u"'; DROP TABLE clients; --\"\\"_s);
        row("HTML stays what it is", u"<b>&amp;</b>"_s, u"<b>&amp;</b>"_s);
        row("escape", u"\x1b[31m\x1b]0;t\a"_s, u"␛[31m␛]0;t␇"_s);
        row("zero", QString(QChar(u'\0')), u"␀"_s);
        row("delete", u"\x7f"_s, u"␡"_s);
        row("C1", u"\u009b31m"_s, u"\\u009b31m"_s);
        row("lines", u"a\nb\tc"_s, u"a␊b␉c"_s, u"a\nb\tc"_s);
        row("lines from elsewhere", u"a\r\nb"_s, u"a␍␊b"_s, u"a\nb"_s);
        row("overwrites", u"a\rb"_s, u"a␍b"_s);
        row("override", u"a\u202eb\u202c"_s, u"a\\u202eb\\u202c"_s);
        row("isolates", u"\u2066a\u2069"_s, u"\\u2066a\\u2069"_s);
        row("marks", u"\u200e\u200f\u061c"_s, u"\\u200e\\u200f\\u061c"_s);
        row("separators", u"\u2028\u2029"_s, u"\\u2028\\u2029"_s);
        row("zero width", u"a\u200bb\ufeff"_s, u"a\\u200bb\\ufeff"_s);
        row("filler", u"a\u3164"_s, u"a\\u3164"_s);
        row("tags", QString::fromUcs4(U"\U000e0041"), u"\\u{e0041}"_s);
        row("joined emoji", u"👩\u200d🚀\ufe0f"_s, u"👩\u200d🚀\ufe0f"_s);
        row("half a surrogate pair", QString(QChar(0xd83d)) + u'x', u"\\ud83dx"_s);
    }

    void makesVisible()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, line);
        QFETCH(const QString, several);
        QCOMPARE(safeLine(text), line);
        QCOMPARE(safeText(text), several);
        QCOMPARE(safeText(safeText(text)), several);
    }

    void keepsAllOfAMebibyte()
    {
        const QString word(1 << 20, u'w');
        QCOMPARE(safeLine(word), word);
        QCOMPARE(safeText(QString(1 << 20, u'\x1b')).size(), 1 << 20);
    }

    /// Also what is for programs is looked at in terminals.
    void escapesInJson()
    {
        const QString text = u"a\u202eb\u2066\u2069\u200e\u200f\u061c\u2028\u009b\x1b[31m – 世界 آ"_s;
        const QByteArray json = JsonLine().add("text"_L1, text).toJson();
        for (const char16_t c : u"\u202e\u2066\u2069\u200e\u200f\u061c\u2028\u009b\x1b")
            QVERIFY(c == 0 || !QString::fromUtf8(json).contains(QChar(c)));
        QCOMPARE(QJsonDocument::fromJson(json).object().value(u"text"_s).toString(), text);
    }
};

QTEST_APPLESS_MAIN(TestSafeText)
#include "tst_safetext.moc"
