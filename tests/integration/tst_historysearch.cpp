// SPDX-License-Identifier: Apache-2.0
#include "tests/support/historyprobe.h"

#include <algorithm>
#include <set>

using namespace Qt::StringLiterals;
using namespace wireroom;
using chat::Addressees;

namespace {

Addressees only(std::initializer_list<quint64> ids)
{
    std::vector<ClientId> list;
    for (const quint64 id : ids)
        list.emplace_back(id);
    return list;
}

/// What is searched; each text's number is its place, from 1.
std::vector<HistoryMessage> texts()
{
    const std::vector<QByteArray> bodies{
        "Guten Morgen, Jürgen",                  // 1
        "ÄRGER im Büro",                         // 2
        "ärger mit der STRASSE",                 // 3
        "die Straße ist nass",                   // 4
        "100% fertig",                           // 5
        "100 Prozent fertig",                    // 6
        "snake_case",                            // 7
        "snakeXcase",                            // 8
        "he said \"hello there\"",               // 9
        "it's o'clock",                          // 10
        R"(C:\temp\new)",                        // 11
        "so glad \U0001f600\U0001f680 today",    // 12
        "\U0001f600",                            // 13
        "ab",                                    // 14
        "a",                                     // 15
        "AND OR NOT near* ^x (y) -z col:umn",    // 16
        QByteArray("left\0right", 10),           // 17
        "",                                      // 18
        "two  blanks\nand a new line",           // 19
        "Привет, Мир",                           // 20
        "日本語のテキスト",                      // 21
        "aaaaaaaaab",                            // 22
        "ΣΊΣΥΦΟΣ",                               // 23
        QByteArray("broken \xff\xfe text here"), // 24
        "x" + QByteArray(100'000, 'y') + "tail", // 25
    };
    std::vector<HistoryMessage> list;
    for (const QByteArray &body : bodies)
        list.push_back(historyMessage(list.size() + 1, 1, {}, body));
    HistoryMessage bytes = historyMessage(list.size() + 1, 1, {}, "Morgen in bytes"); // 26
    bytes.kind = chat::BodyKind::Bytes;
    list.push_back(bytes);
    return list;
}

} // namespace

/// The full-text search: what is found, by whom, whether the messages are in its index or not.
class TestHistorySearch : public QObject
{
    Q_OBJECT

private:
    enum class Indexed : quint8 { None, NoTexts, Half, All };

    static bool settles(const HistoryPlace &place)
    {
        return QTest::qWaitFor([&] { return place.isSettled(); }, HistoryProbe::kPatienceMs);
    }

    /// Fills the history, indexed as far as that.
    static bool fill(const HistoryPlace &place, HistoryProbe &probe,
                     const std::vector<HistoryMessage> &messages, Indexed indexed)
    {
        if (!probe.opened())
            return false;
        const auto half = messages.begin() + qint64(messages.size() / 2);
        if (indexed == Indexed::None && !place.holdIndex())
            return false;
        if (indexed == Indexed::NoTexts && !place.holdTextIndex())
            return false;
        probe.append({messages.begin(), half});
        if (!probe.waitUpTo((half - 1)->seq))
            return false;
        if (indexed == Indexed::Half && !(settles(place) && place.holdTextIndex()))
            return false;
        probe.append({half, messages.end()});
        if (!probe.waitUpTo(messages.back().seq) || (indexed == Indexed::All && !settles(place)))
            return false;
        const bool some = indexed == Indexed::Half || indexed == Indexed::All;
        return place.number(u"SELECT value FROM meta WHERE name = 'text_indexed'"_s)
            == qint64(some ? messages.size() / (indexed == Indexed::Half ? 2 : 1) : 0);
    }

    static void addIndexed()
    {
        QTest::addColumn<int>("indexed");
        QTest::newRow("indexed") << int(Indexed::All);
        QTest::newRow("half indexed") << int(Indexed::Half);
        QTest::newRow("texts not indexed") << int(Indexed::NoTexts);
        QTest::newRow("not indexed") << int(Indexed::None);
    }

private Q_SLOTS:

    void initTestCase_data() { HistoryPlace::addRows(); }

    void findsTexts_data() { addIndexed(); }

    void findsTexts()
    {
        struct Row
        {
            QString text;
            QList<quint64> found;
        };

        const std::vector<Row> rows{
            {u"morgen"_s, {1}},
            {u"MORGEN"_s, {1}},
            {u"jürgen"_s, {1}},
            {u"JÜRGEN"_s, {1}},
            {u"ärger"_s, {2, 3}},
            {u"Ärger"_s, {2, 3}},
            {u"büro"_s, {2}},
            {u"straße"_s, {4}},
            {u"Strasse"_s, {3}},
            {u"100%"_s, {5}},
            {u"100"_s, {5, 6}},
            {u"%"_s, {5}},
            {u"%%%"_s, {}},
            {u"0%_f"_s, {}},
            {u"snake_case"_s, {7}},
            {u"snake"_s, {7, 8}},
            {u"_"_s, {7}},
            {u"\"hello"_s, {9}},
            {u"there\""_s, {9}},
            {u"\""_s, {9}},
            {u"'s o'"_s, {10}},
            {u"'"_s, {10}},
            {u"\\temp\\"_s, {11}},
            {u"\\"_s, {11}},
            {u"\\new"_s, {11}},
            {u"😀"_s, {12, 13}},
            {u"😀🚀"_s, {12}},
            {u"😀🚀 "_s, {12}},
            {u"🚀 today"_s, {12}},
            {u"ab"_s, {14, 22}},
            {u"AND OR NOT"_s, {16}},
            {u"near*"_s, {16}},
            {u"^x (y)"_s, {16}},
            {u"-z col:umn"_s, {16}},
            {u"*"_s, {16}},
            {u"left"_s, {17}},
            {u"right"_s, {17}},
            {u"two blanks"_s, {}},
            {u"two  blanks"_s, {19}},
            {u"blanks\nand"_s, {19}},
            {u"   "_s, {}},
            {u"привет"_s, {20}},
            {u"МИР"_s, {20}},
            {u"ми"_s, {20}},
            {u"日本語"_s, {21}},
            {u"本"_s, {21}},
            {u"aaaa"_s, {22}},
            {u"aab"_s, {22}},
            {u"aba"_s, {}},
            {u"σίσυφος"_s, {23}},
            {u"text here"_s, {24}},
            {u"yyytail"_s, {25}},
            {QString(5'000, u'y'), {25}},
            {QString(100'001, u'y'), {}},
            {u"in bytes"_s, {}},
            {u"absent word"_s, {}},
            {u"!"_s, {}},
            {u"'); DROP TABLE messages; --"_s, {}},
        };
        QFETCH(const int, indexed);
        const HistoryPlace place;
        HistoryProbe probe(place);
        const std::vector<HistoryMessage> messages = texts();
        QVERIFY(fill(place, probe, messages, Indexed(indexed)));
        for (const Row &row : rows) {
            // Each from both ends, for the operator and for a client.
            for (const std::optional<quint64> after : {std::optional<quint64>(), std::optional<quint64>(0)}) {
                for (const auto viewer : {std::optional<ClientId>(), std::optional(ClientId(7))}) {
                    QList<quint64> found = probe.seqs({.viewer = viewer, .after = after, .text = row.text});
                    QVERIFY2(found == row.found,
                             qPrintable(u"%1: found %2 instead of %3"_s.arg(
                                 row.text.left(40), QDebug::toString(found), QDebug::toString(row.found))));
                }
            }
        }
    }

    void findsAllOfOneLetter()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(fill(place, probe, texts(), Indexed::All));
        QList<quint64> expected;
        for (const HistoryMessage &message : texts()) {
            if (message.kind == chat::BodyKind::Text && message.body.toLower().contains('a'))
                expected.append(message.seq);
        }
        QCOMPARE(probe.seqs({.text = u"A"_s}), expected);
    }

    void shows_data() { addIndexed(); }

    void shows()
    {
        QFETCH(const int, indexed);
        std::vector<HistoryMessage> messages;
        const std::vector<Addressees> targets{{}, only({2}), only({3}), only({2, 3}), only({0})};
        for (quint64 seq = 1; seq <= 60; ++seq) {
            messages.push_back(historyMessage(seq, 1 + seq % 3, targets[seq % targets.size()],
                                              seq % 2 == 0 ? "the needle" : "hay only"));
        }
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(fill(place, probe, messages, Indexed(indexed)));
        const auto expected = [&](auto isSeen) {
            QList<quint64> seqs;
            for (const HistoryMessage &message : messages) {
                if (message.body.contains("needle") && isSeen(message))
                    seqs.append(message.seq);
            }
            return seqs;
        };
        const auto isTo = [](const HistoryMessage &message, quint64 id) {
            return message.to
                && std::find(message.to->begin(), message.to->end(), ClientId(id)) != message.to->end();
        };
        HistoryRequest request{.text = u"NEEDLE"_s, .limit = 500};
        QCOMPARE(probe.seqs(request), expected([](const auto &) { return true; }));
        for (quint64 id = 1; id <= 4; ++id) {
            request = {.viewer = ClientId(id), .text = u"NEEDLE"_s, .limit = 500};
            QCOMPARE(probe.seqs(request), expected([&](const HistoryMessage &message) {
                         return !message.to || message.from == ClientId(id) || isTo(message, id);
                     }));
            request.with = only({});
            QCOMPARE(probe.seqs(request), expected([&](const HistoryMessage &m) { return !m.to; }));
            request.text = u"edl"_s;
            request.with = only({3});
            QCOMPARE(probe.seqs(request), expected([&](const HistoryMessage &message) {
                         std::set<quint64> circle{message.from.value()};
                         for (const ClientId to : message.to.value_or(std::vector<ClientId>()))
                             circle.insert(to.value());
                         return message.to && circle == std::set<quint64>{id, 3};
                     }));
        }
        request = {.concerning = only({3}), .text = u"le"_s, .limit = 500};
        QCOMPARE(probe.seqs(request), expected([&](const HistoryMessage &message) {
                     return !message.to || message.from == ClientId(3) || isTo(message, 3);
                 }));
        request.limit = 4;
        const auto page = probe.read(request);
        QVERIFY(page && page.value().more);
        QCOMPARE(page.value().messages.size(), size_t(4));
    }

    void pagesThroughWhatItFinds_data() { addIndexed(); }

    void pagesThroughWhatItFinds()
    {
        QFETCH(const int, indexed);
        std::vector<HistoryMessage> messages;
        QList<quint64> expected;
        for (quint64 seq = 1; seq <= 300; ++seq) {
            const bool found = seq % 7 == 0 || seq > 290;
            messages.push_back(historyMessage(seq, 1, {}, found ? "a needle" : "some hay"));
            if (found)
                expected.append(seq);
        }
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(fill(place, probe, messages, Indexed(indexed)));
        for (const QString &text : {u"needle"_s, u"ee"_s}) {
            QList<quint64> down;
            QList<quint64> up;
            HistoryRequest request{.text = text, .limit = 5};
            for (bool more = true; more; request.before = down.first()) {
                const auto page = probe.read(request);
                QVERIFY(page && !page.value().messages.empty());
                QVERIFY(page.value().messages.size() <= 5);
                more = page.value().more;
                for (qsizetype i = qsizetype(page.value().messages.size()) - 1; i >= 0; --i)
                    down.prepend(page.value().messages[size_t(i)].seq);
            }
            request.before.reset();
            request.after = 0;
            for (bool more = true; more; request.after = up.last()) {
                const auto page = probe.read(request);
                QVERIFY(page && !page.value().messages.empty());
                more = page.value().more;
                for (const HistoryMessage &message : page.value().messages)
                    up.append(message.seq);
            }
            QCOMPARE(down, expected);
            QCOMPARE(up, expected);
        }
    }

    void indexesTrigrams()
    {
        const HistoryPlace place;
        if (place.isSqlite())
            QSKIP("PostgreSQL alone");
        if (place.number(u"SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"_s) == 0)
            QSKIP("this server has no pg_trgm");
        const QString index = u"SELECT count(*) FROM pg_indexes WHERE indexname = 'search_text_trigrams'"_s;
        {
            HistoryProbe probe(place);
            QVERIFY(fill(place, probe, texts(), Indexed::All));
            QCOMPARE(place.number(index), qint64(1));
        }
        // Where it could not be had before, it comes with the next start.
        QVERIFY(place.run({u"DROP EXTENSION pg_trgm CASCADE"_s}));
        QCOMPARE(place.number(index), qint64(0));
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        QCOMPARE(place.number(index), qint64(1));
        QCOMPARE(probe.seqs({.text = u"snake"_s}), (QList<quint64>{7, 8}));
    }

    void searchesWhileOthersWrite()
    {
        // The index moves on between two searches, none of which may miss what was committed before it.
        const HistoryPlace place;
        HistoryProbe probe(place);
        quint64 seq = 0;
        for (int round = 1; round <= 30; ++round) {
            for (int i = 0; i < 50; ++i)
                probe->append(historyMessage(++seq, 1, {}, "filling"));
            probe->append(historyMessage(++seq, 1, {}, "the needle " + QByteArray::number(round)));
            QVERIFY(probe.waitUpTo(seq));
            QCOMPARE(probe.seqs({.text = u"needle"_s, .limit = 500}).size(), round);
        }
    }
};

QTEST_GUILESS_MAIN(TestHistorySearch)
#include "tst_historysearch.moc"
