// SPDX-License-Identifier: Apache-2.0
#include "tests/support/historyprobe.h"

#include <algorithm>
#include <limits>
#include <set>

using namespace Qt::StringLiterals;
using namespace wireroom;
using chat::Addressees;

namespace {

constexpr quint64 kMessages = 120;

Addressees only(std::initializer_list<quint64> ids)
{
    std::vector<ClientId> list;
    for (const quint64 id : ids)
        list.emplace_back(id);
    return list;
}

/// Everybody writes to everybody, in every combination of these.
std::vector<HistoryMessage> conversation()
{
    const std::vector<Addressees> targets{
        {},           only({1}), only({2}),  only({3, 2}), only({1, 2, 3}), only({0}),
        only({4, 1}), only({}),  only({12}), only({2, 1}), only({1, 12})};
    const std::vector<quint64> senders{1, 2, 0, 3, 12, 1, 4};
    std::vector<HistoryMessage> list;
    for (quint64 seq = 1; seq <= kMessages; ++seq) {
        HistoryMessage message = historyMessage(seq, senders[seq % senders.size()],
                                                targets[seq % targets.size()], QByteArray(100, 'b'), seq);
        message.kind = seq % 5 == 0 ? chat::BodyKind::Bytes : chat::BodyKind::Text;
        list.push_back(message);
    }
    return list;
}

bool contains(const Addressees &list, ClientId id)
{
    return list && std::find(list->begin(), list->end(), id) != list->end();
}

std::set<ClientId> circle(ClientId from, const std::vector<ClientId> &to)
{
    std::set<ClientId> everyone(to.begin(), to.end());
    everyone.insert(from);
    return everyone;
}

/// What the contract says of one message.
bool isWanted(const HistoryRequest &request, const HistoryMessage &message)
{
    if ((request.before && message.seq >= *request.before)
        || (request.after && message.seq <= *request.after))
        return false;
    const ClientId asker = request.viewer.value_or(kOperator);
    const bool mine = contains(message.to, asker);
    if (request.viewer && request.deliveriesOnly
        && !(mine || (!message.to && message.from != asker && message.seq > request.joinedSeq)))
        return false;
    if (request.viewer && message.to && message.from != asker && !mine)
        return false;
    if (request.with && request.with->empty() && message.to)
        return false;
    if (request.with && !request.with->empty()
        && (!message.to || circle(message.from, *message.to) != circle(asker, *request.with)))
        return false;
    if (request.concerning && message.to && !contains(request.concerning, message.from)
        && std::none_of(message.to->begin(), message.to->end(),
                        [&](ClientId id) { return contains(request.concerning, id); }))
        return false;
    return true;
}

struct Expected
{
    QList<quint64> seqs;
    bool more = false;
};

Expected expected(const HistoryRequest &request, const std::vector<HistoryMessage> &messages)
{
    Expected page;
    for (const HistoryMessage &message : messages) {
        if (isWanted(request, message))
            page.seqs.append(message.seq);
    }
    const bool fromTheNewest = request.before || !request.after;
    const quint64 fitting = std::max<quint64>(1, request.limitBytes / 100);
    const auto most = qsizetype(std::min({request.limit, fitting, quint64(page.seqs.size())}));
    page.more = page.seqs.size() > most;
    page.seqs = fromTheNewest ? page.seqs.last(most) : page.seqs.first(most);
    return page;
}

QList<quint64> seqsOf(const HistoryMessages &page)
{
    QList<quint64> seqs;
    for (const HistoryMessage &message : page.messages)
        seqs.append(message.seq);
    return seqs;
}

QString shown(const QList<quint64> &seqs)
{
    QStringList texts;
    for (const quint64 seq : seqs)
        texts.append(QString::number(seq));
    return texts.join(u' ');
}

} // namespace

/// Pages of the history: who may see what, what is asked for, and how much of it comes.
class TestHistoryPages : public QObject
{
    Q_OBJECT

private:
    /// How much of the history is indexed while it is read.
    enum class Indexed : quint8 { None, Half, All };

    static std::vector<HistoryRequest> requests()
    {
        std::vector<HistoryRequest> kinds(1);
        for (const Addressees &with : {only({}), only({1}), only({2}), only({1, 2}), only({3, 2, 1}),
                                       only({0}), only({12}), only({99})})
            kinds.push_back({.with = with});
        for (const Addressees &concerning :
             {only({}), only({1}), only({2}), only({12}), only({1, 3}), only({0}), only({99})}) {
            kinds.push_back({.concerning = concerning});
            kinds.push_back({.with = only({}), .concerning = concerning});
        }
        // So many that each message is looked at.
        std::vector<ClientId> many;
        for (quint64 id = 2; id < 40; ++id)
            many.emplace_back(id);
        kinds.push_back({.concerning = many});
        for (const quint64 id : {1, 2, 3, 4, 12, 99}) {
            const auto viewer = ClientId(id);
            kinds.push_back({.viewer = viewer});
            for (const quint64 joined : {quint64(0), quint64(33), kMessages + 7})
                kinds.push_back({.viewer = viewer, .deliveriesOnly = true, .joinedSeq = joined});
            for (const Addressees &with :
                 {only({}), only({1}), only({2}), only({2, 3}), only({3, 2, 1}), only({0}), only({12, 1})}) {
                kinds.push_back({.viewer = viewer, .with = with});
                kinds.push_back({.viewer = viewer, .deliveriesOnly = true, .joinedSeq = 20, .with = with});
            }
        }
        using Bounds = std::pair<std::optional<quint64>, std::optional<quint64>>;
        std::vector<HistoryRequest> all;
        for (HistoryRequest request : kinds) {
            for (const auto &[before, after] :
                 {Bounds{}, Bounds{61, {}}, Bounds{{}, 59}, Bounds{90, 30}, Bounds{1, {}},
                  Bounds{{}, kMessages}, Bounds{30, 90}, Bounds{std::numeric_limits<quint64>::max(), 0}}) {
                request.before = before;
                request.after = after;
                for (const quint64 limit : {1, 7, 500}) {
                    request.limit = limit;
                    all.push_back(request);
                }
            }
        }
        return all;
    }

private Q_SLOTS:

    void initTestCase_data() { HistoryPlace::addRows(); }

    void readsWhatIsAskedFor_data()
    {
        QTest::addColumn<int>("indexed");
        QTest::newRow("indexed") << int(Indexed::All);
        QTest::newRow("half indexed") << int(Indexed::Half);
        QTest::newRow("not indexed") << int(Indexed::None);
    }

    void readsWhatIsAskedFor()
    {
        QFETCH(const int, indexed);
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        const std::vector<HistoryMessage> messages = conversation();
        const auto half = messages.begin() + kMessages / 2;
        if (indexed == int(Indexed::None))
            QVERIFY(place.holdIndex());
        probe.append({messages.begin(), half});
        QVERIFY(probe.waitUpTo(kMessages / 2));
        if (indexed != int(Indexed::None))
            QVERIFY(QTest::qWaitFor([&] { return place.isSettled(); }, HistoryProbe::kPatienceMs));
        if (indexed == int(Indexed::Half))
            QVERIFY(place.holdIndex());
        probe.append({half, messages.end()});
        QVERIFY(probe.waitUpTo(kMessages));
        if (indexed == int(Indexed::All))
            QVERIFY(QTest::qWaitFor([&] { return place.isSettled(); }, HistoryProbe::kPatienceMs));
        const qint64 inIndex = place.number(u"SELECT count(DISTINCT seq) FROM conversations"_s);
        QCOMPARE(inIndex, qint64(kMessages) * indexed / 2);

        std::vector<HistoryRequest> asked = requests();
        for (HistoryRequest &request : asked) {
            request.request = quint64(&request - asked.data());
            probe->read(request);
        }
        QVERIFY(probe.waitFor<HistoryPageRead>(asked.size()));
        for (const HistoryPageRead &answer : probe.all<HistoryPageRead>()) {
            const QString name = u"request %1: "_s.arg(answer.request);
            if (!answer.page)
                QFAIL(qPrintable(name + answer.page.error().text));
            const HistoryMessages &page = answer.page.value();
            const Expected wanted = expected(asked[answer.request], messages);
            QVERIFY2(seqsOf(page) == wanted.seqs && page.more == wanted.more,
                     qPrintable(name
                                + u"%1 (more: %2) instead of %3 (more: %4)"_s.arg(
                                    shown(seqsOf(page)), QString::number(page.more), shown(wanted.seqs),
                                    QString::number(wanted.more))));
            QCOMPARE(page.upToSeq, kMessages);
        }
    }

    void limitsBytes_data()
    {
        QTest::addColumn<quint64>("limitBytes");
        QTest::newRow("none") << quint64(0);
        QTest::newRow("less than one") << quint64(99);
        QTest::newRow("one") << quint64(100);
        QTest::newRow("nearly three") << quint64(299);
        QTest::newRow("three") << quint64(300);
        QTest::newRow("all") << quint64(100 * kMessages);
        QTest::newRow("as many as can be") << std::numeric_limits<quint64>::max();
    }

    void limitsBytes()
    {
        QFETCH(const quint64, limitBytes);
        const HistoryPlace place;
        HistoryProbe probe(place);
        const std::vector<HistoryMessage> messages = conversation();
        probe.append(messages);
        QVERIFY(probe.waitUpTo(kMessages));
        for (const HistoryRequest &bounds : {HistoryRequest{}, HistoryRequest{.after = 10},
                                             HistoryRequest{.viewer = ClientId(1), .before = 50}}) {
            HistoryRequest request = bounds;
            request.limit = 500;
            request.limitBytes = limitBytes;
            const auto page = probe.read(request);
            QVERIFY(page);
            const Expected wanted = expected(request, messages);
            QCOMPARE(probe.seqs(request), wanted.seqs);
            QCOMPARE(page.value().more, wanted.more);
        }
    }

    void pagesThroughAll()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        const std::vector<HistoryMessage> messages = conversation();
        probe.append(messages);
        QVERIFY(probe.waitUpTo(kMessages));
        for (const bool backwards : {false, true}) {
            HistoryRequest request{.viewer = ClientId(2), .limit = 7};
            if (!backwards)
                request.after = 0;
            QList<quint64> seqs;
            for (bool more = true; more;) {
                const auto page = probe.read(request);
                QVERIFY(page && !page.value().messages.empty());
                more = page.value().more;
                const QList<quint64> part = seqsOf(page.value());
                seqs = backwards ? part + seqs : seqs + part;
                request.before = backwards ? std::optional(part.first()) : std::nullopt;
                request.after = backwards ? std::nullopt : std::optional(part.last());
            }
            QCOMPARE(seqs, expected({.viewer = ClientId(2), .limit = 500}, messages).seqs);
        }
    }

    void answersInOrder()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        for (quint64 request = 1; request <= 50; ++request)
            probe->read({.request = request, .limit = request});
        QVERIFY(probe.waitFor<HistoryPageRead>(50));
        quint64 number = 0;
        for (const HistoryPageRead &read : probe.all<HistoryPageRead>()) {
            QCOMPARE(read.request, ++number);
            QVERIFY(read.page);
            QCOMPARE(read.page.value().request, number);
            QVERIFY(read.page.value().messages.empty() && !read.page.value().more);
        }
    }

    void readsWhatWasCommitted()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        // As soon as a commit is told, a page has it.
        for (quint64 seq = 1; seq <= 100; ++seq) {
            probe->append(historyMessage(seq));
            QVERIFY(probe.waitUpTo(seq));
            QCOMPARE(probe.seqs({.limit = 1}), QList<quint64>{seq});
        }
    }

    void countsWaiting_data()
    {
        QTest::addColumn<bool>("indexed");
        QTest::newRow("indexed") << true;
        QTest::newRow("not indexed") << false;
    }

    void countsWaiting()
    {
        QFETCH(const bool, indexed);
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        if (!indexed)
            QVERIFY(place.holdIndex());
        const std::vector<HistoryMessage> messages = conversation();
        const std::vector<std::pair<quint64, quint64>> joinedAndAcked{{0, 0}, {40, 0}, {0, 40}, {30, 60}};
        for (size_t i = 0; i < joinedAndAcked.size(); ++i) {
            Account account{.id = ClientId(i + 1), .name = u"Ann"_s, .tokenHash = QByteArray(1, char(i))};
            account.joinedSeq = joinedAndAcked[i].first;
            account.ackedSeq = joinedAndAcked[i].second;
            probe->saveAccount(account);
        }
        probe.append(messages);
        QVERIFY(probe.waitUpTo(kMessages));
        if (indexed)
            QVERIFY(QTest::qWaitFor([&] { return place.isSettled(); }, HistoryProbe::kPatienceMs));
        // Not in the database yet, but counted.
        probe->saveProgress(ClientId(1), 100, 5);
        probe->countWaiting();
        QVERIFY(probe.waitFor<HistoryWaiting>());
        const auto counts = probe.all<HistoryWaiting>()[0].counts;
        QCOMPARE(counts.size(), joinedAndAcked.size());
        for (size_t i = 0; i < counts.size(); ++i) {
            QCOMPARE(counts[i].id, ClientId(i + 1));
            const HistoryRequest request{.viewer = ClientId(i + 1),
                                         .deliveriesOnly = true,
                                         .joinedSeq = joinedAndAcked[i].first,
                                         .after = i == 0 ? 100 : joinedAndAcked[i].second,
                                         .limit = 500};
            QCOMPARE(counts[i].messages, quint64(expected(request, messages).seqs.size()));
        }
    }

    void countsNoMoreThanItMust()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        // The second one has written a third of them itself, the third one has more besides.
        constexpr quint64 kAll = HistoryStore::kMostCounted + 500;
        constexpr quint64 kAcked = 299;
        for (const quint64 id : {9u, 2u, 3u}) {
            probe->saveAccount({.id = ClientId(id),
                                .name = u"Ann"_s,
                                .tokenHash = QByteArray::number(id),
                                .ackedSeq = id == 9 ? 0 : kAcked});
        }
        probe.append(historyMessages(1, kAll));
        QVERIFY(probe.waitUpTo(kAll));
        for (quint64 seq = kAll + 1; seq <= kAll + 4'000; ++seq)
            probe->append(historyMessage(seq, 1, std::vector{ClientId(3)}));
        QVERIFY(probe.waitUpTo(kAll + 4'000));
        probe->countWaiting();
        QVERIFY(probe.waitFor<HistoryWaiting>());
        const auto counts = probe.all<HistoryWaiting>()[0].counts;
        QCOMPARE(counts.size(), size_t(3));
        QCOMPARE(counts[0].messages, (kAll - kAcked) - (kAll - kAcked) / 3);
        QCOMPARE(counts[1].messages, HistoryStore::kMostCounted);
        QCOMPARE(counts[2].messages, HistoryStore::kMostCounted);
    }
};

QTEST_GUILESS_MAIN(TestHistoryPages)
#include "tst_historypages.moc"
