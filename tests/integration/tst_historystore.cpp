// SPDX-License-Identifier: Apache-2.0
#include "tests/support/historyprobe.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <limits>

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

Account account(quint64 id, const QString &name)
{
    return {.id = ClientId(id),
            .name = name,
            .tokenHash = QByteArray(32, char(id)),
            .created = 1'700'000'000'000,
            .lastSeen = 1'700'000'000'001,
            .joinedSeq = 5,
            .ackedSeq = 7};
}

} // namespace

/// What the history store keeps and says about it: messages, accounts, and where it cannot be opened.
class TestHistoryStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void initTestCase_data() { HistoryPlace::addRows(); }

    void commitsInOrder()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        // Before it says that it is open, too.
        constexpr quint64 kLast = 5 * HistoryStore::kGroupMessages;
        probe.append(historyMessages(1, kLast));
        QVERIFY(probe.waitUpTo(kLast));
        const auto opened = probe.opened();
        QVERIFY(opened);
        QCOMPARE(opened->lastSeq, quint64(0));
        QCOMPARE(opened->highestId, quint64(0));
        QVERIFY(opened->accounts.empty());
        QCOMPARE(opened->note, QString());
        quint64 before = 0;
        for (const HistoryCommitted &committed : probe.all<HistoryCommitted>()) {
            QVERIFY(committed.upToSeq > before);
            QVERIFY(committed.upToSeq - before <= HistoryStore::kGroupMessages);
            QVERIFY(committed.repeated.empty() && committed.accounts.empty());
            before = committed.upToSeq;
        }
        QCOMPARE(before, kLast);
        QCOMPARE(place.number(u"SELECT count(*) FROM messages"_s), qint64(kLast));
    }

    void commitsWhatIsLeftAtItsEnd()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        QVERIFY(probe.opened());
        probe.append(historyMessages(1, 3000));
        probe->saveAccount(account(9, u"Ann"_s));
        probe->saveProgress(ClientId(9), 2000, 3);
        probe.close();
        HistoryProbe again(place);
        const auto opened = again.opened();
        QVERIFY(opened);
        QCOMPARE(opened->note, QString());
        QCOMPARE(opened->lastSeq, quint64(3000));
        QCOMPARE(opened->accounts.size(), size_t(1));
        QCOMPARE(opened->accounts[0].ackedSeq, quint64(2000));
        QCOMPARE(place.number(u"SELECT count(*) FROM messages"_s), qint64(3000));
    }

    void keepsMessages_data()
    {
        QTest::addColumn<HistoryMessage>("message");
        const auto row = [](const char *name, const HistoryMessage &message) {
            QTest::newRow(name) << message;
        };
        QByteArray every;
        for (int byte = 0; byte < 256; ++byte)
            every.append(char(byte));
        HistoryMessage bytes = historyMessage(1, 1, {}, every);
        bytes.kind = chat::BodyKind::Bytes;
        HistoryMessage old = historyMessage(1);
        old.time = -1;
        std::vector<ClientId> many;
        for (quint64 id = 1; id <= 10'000; ++id)
            many.emplace_back(id * 1'000'000);
        row("to everyone", historyMessage(1));
        row("to nobody", historyMessage(1, 1, only({})));
        row("to one", historyMessage(1, 1, only({2})));
        row("to itself", historyMessage(1, 1, only({1})));
        row("to some, in their order", historyMessage(1, 1, only({7, 2, 1, 5})));
        row("to the operator", historyMessage(1, 1, only({0})));
        row("from the operator", historyMessage(1, 0, only({3})));
        row("to very many", historyMessage(1, 1, many));
        row("empty body", historyMessage(1, 1, {}, ""));
        row("null body", historyMessage(1, 1, {}, {}));
        row("bytes", bytes);
        row("NUL in a text", historyMessage(1, 1, {}, QByteArray("a\0b\0", 4)));
        row("quotes and backslashes", historyMessage(1, 1, {}, R"(it's "so" \ {a,b} \x41 NULL)"));
        row("emoji", historyMessage(1, 1, {}, "\U0001f600 \U0001f468‍\U0001f469"));
        row("no UTF-8", historyMessage(1, 1, {}, "\xff\xfe\xc3"));
        row("a MiB", historyMessage(1, 1, {}, QByteArray(1024 * 1024, 'm')));
        row("highest ref", historyMessage(1, 1, {}, "r", std::numeric_limits<quint64>::max()));
        row("before 1970", old);
        row("highest seq", historyMessage(std::numeric_limits<qint64>::max() - 1));
        row("large ID", historyMessage(1, quint64(1) << 62, only({(quint64(1) << 62) + 1})));
    }

    void keepsMessages()
    {
        QFETCH(const HistoryMessage, message);
        const HistoryPlace place;
        HistoryProbe probe(place);
        probe->append(message);
        QVERIFY(probe.waitUpTo(message.seq));
        probe.close();
        HistoryProbe again(place);
        const auto page = again.read();
        QVERIFY(page);
        QCOMPARE(page.value().messages.size(), size_t(1));
        const HistoryMessage &kept = page.value().messages[0];
        QCOMPARE(kept.seq, message.seq);
        QCOMPARE(kept.time, message.time);
        QCOMPARE(kept.from, message.from);
        QCOMPARE(kept.ref, message.ref);
        QVERIFY(kept.to == message.to);
        QVERIFY(kept.kind == message.kind);
        QCOMPARE(kept.body, message.body);
        QVERIFY(!page.value().more);
        QCOMPARE(page.value().upToSeq, message.seq);
        const auto opened = again.opened();
        QVERIFY(opened);
        QCOMPARE(opened->lastSeq, message.seq);
        QCOMPARE(opened->highestId, message.from.value());
        // Nothing in it stops the rest of the work.
        QVERIFY(QTest::qWaitFor([&] { return place.isSettled(); }, HistoryProbe::kPatienceMs));
    }

    void answersRepeated_data()
    {
        QTest::addColumn<bool>("sameGroup");
        QTest::addColumn<bool>("reopened");
        QTest::addColumn<bool>("hinted");
        QTest::newRow("in one group") << true << false << true;
        QTest::newRow("later") << false << false << true;
        QTest::newRow("after a restart") << false << true << true;
        QTest::newRow("in one group, unexpected") << true << false << false;
        QTest::newRow("later, unexpected") << false << false << false;
    }

    void answersRepeated()
    {
        QFETCH(const bool, sameGroup);
        QFETCH(const bool, reopened);
        QFETCH(const bool, hinted);
        const HistoryPlace place;
        auto probe = std::make_unique<HistoryProbe>(place);
        QVERIFY(probe->opened());
        const HistoryMessage first = historyMessage(1, 4, {}, "first", 17);
        HistoryMessage repeated = historyMessage(3, 4, {}, "first", 17);
        repeated.mayBeRepeated = hinted;
        (*probe)->append(first);
        (*probe)->append(historyMessage(2, 5, {}, "another's", 17));
        if (!sameGroup)
            QVERIFY(probe->waitUpTo(2));
        if (reopened) {
            probe->close();
            probe = std::make_unique<HistoryProbe>(place);
        }
        (*probe)->append(repeated);
        (*probe)->append(historyMessage(4, 4, {}, "second", 18));
        QVERIFY(probe->waitUpTo(4));
        const auto list = probe->repeated();
        QCOMPARE(list.size(), size_t(1));
        QCOMPARE(list[0].seq, quint64(3));
        QCOMPARE(list[0].storedSeq, quint64(1));
        QCOMPARE(list[0].storedTime, first.time);
        QCOMPARE(probe->seqs(), (QList<quint64>{1, 2, 4}));
        QVERIFY(probe->all<HistoryNote>().empty() && probe->all<HistoryFailing>().empty());
    }

    void storesWhatIsNotRepeated()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        std::vector<HistoryMessage> list{historyMessage(1, 4, {}, "a", 5), historyMessage(2, 5, {}, "b", 5),
                                         historyMessage(3, 4, {}, "c", 4), historyMessage(4, 4),
                                         historyMessage(5, 4)};
        for (HistoryMessage &message : list)
            message.mayBeRepeated = true;
        probe.append(list);
        QVERIFY(probe.waitUpTo(5));
        QVERIFY(probe.repeated().empty());
        QCOMPARE(probe.seqs(), (QList<quint64>{1, 2, 3, 4, 5}));
    }

    void keepsAccounts()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        const Account ann = account(3, u"Ann"_s);
        Account bob = account(8, u"Bøb 😀 'n \"friends\" \\"_s);
        bob.joinedSeq = 0;
        bob.ackedSeq = 0;
        Account later = bob;
        later.tokenHash = QByteArray("\0\xff'\\", 4);
        later.lastSeen = 42;
        probe->saveAccount(ann);
        probe->saveAccount(bob);
        probe->append(historyMessage(1, 3, {}, "a", 10));
        probe->append(historyMessage(2, 3, only({8}), "b", 12));
        probe->append(historyMessage(3, 3, {}, "c", 11));
        probe->saveAccount(later);
        probe->append(historyMessage(4, 77));
        QVERIFY(probe.waitUpTo(4));
        const std::vector<ClientId> saved = probe.savedAccounts();
        QCOMPARE(saved.size(), size_t(3));
        QCOMPARE(saved.front(), ann.id);
        QCOMPARE(saved.back(), bob.id);
        probe.close();

        HistoryProbe again(place);
        const auto opened = again.opened();
        QVERIFY(opened);
        QCOMPARE(opened->highestId, quint64(77));
        QCOMPARE(opened->accounts.size(), size_t(2));
        const auto equal = [](const Account &kept, const Account &expected, quint64 lastRef) {
            return kept.id == expected.id && kept.name == expected.name
                && kept.tokenHash == expected.tokenHash && kept.created == expected.created
                && kept.lastSeen == expected.lastSeen && kept.joinedSeq == expected.joinedSeq
                && kept.ackedSeq == expected.ackedSeq && kept.lastRef == lastRef;
        };
        QVERIFY(equal(opened->accounts[0], ann, 12));
        QVERIFY(equal(opened->accounts[1], later, 0));
    }

    void answersAnAccountAlone()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        probe->saveAccount(account(3, u"Ann"_s));
        QVERIFY(probe.waitFor<HistoryCommitted>());
        QCOMPARE(probe.savedAccounts(), std::vector{ClientId(3)});
        QCOMPARE(probe.upToSeq(), quint64(0));
    }

    void keepsProgress()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        probe->saveAccount(account(3, u"Ann"_s));
        QVERIFY(probe.waitFor<HistoryCommitted>());
        for (quint64 seq = 8; seq <= 20; ++seq)
            probe->saveProgress(ClientId(3), seq, 1000 + qint64(seq));
        // Of one that there is not: no harm.
        probe->saveProgress(ClientId(4), 1, 1);
        const auto written = [&] {
            return place.number(u"SELECT acked_seq FROM clients"_s) == 20;
        };
        QVERIFY(QTest::qWaitFor(written, HistoryProbe::kPatienceMs));
        probe->saveProgress(ClientId(3), 21, 2000);
        probe.close();
        HistoryProbe again(place);
        QVERIFY(again.opened());
        QCOMPARE(again.opened()->accounts.size(), size_t(1));
        QCOMPARE(again.opened()->accounts[0].ackedSeq, quint64(21));
        QCOMPARE(again.opened()->accounts[0].lastSeen, qint64(2000));
        QCOMPARE(again.opened()->accounts[0].joinedSeq, quint64(5));
    }

    void tellsAnUncleanEnd()
    {
        const HistoryPlace place;
        HistoryProbe probe(place);
        probe.append(historyMessages(1, 10));
        QVERIFY(probe.waitUpTo(10));
        QTemporaryDir dir;
        HistoryConfig config = place.config();
        if (place.isSqlite()) {
            // What lies on the disk while it runs is what a kill would leave.
            config.url = dir.filePath(u"copy.db"_s);
            QVERIFY(QFile::copy(place.path(), config.url));
            QVERIFY(QFile::copy(place.path() + u"-wal"_s, config.url + u"-wal"_s));
            probe.close();
        } else {
            probe.close();
            QVERIFY(place.run({u"UPDATE meta SET value = 1 WHERE name = 'in_use'"_s}));
        }
        HistoryProbe again(config);
        const auto opened = again.opened();
        QVERIFY(opened);
        QVERIFY2(opened->note.contains(u"did not end in an orderly way"_s), qPrintable(opened->note));
        QCOMPARE(opened->lastSeq, quint64(10));
        if (place.isSqlite()) {
            QVERIFY(again.waitFor<HistoryNote>());
            QVERIFY(!again.all<HistoryNote>()[0].isError);
        }
        again.close();
        HistoryProbe third(config);
        QVERIFY(third.opened());
        QCOMPARE(third.opened()->note, QString());
    }

    void isForItsOwnerAlone()
    {
        const HistoryPlace place;
        if (!place.isSqlite())
            QSKIP("SQLite alone");
        HistoryProbe probe(place);
        probe->append(historyMessage(1));
        QVERIFY(probe.waitUpTo(1));
        for (const QString &end : {u""_s, u"-wal"_s, u"-shm"_s, u".lock"_s}) {
            const QFileInfo info(place.path() + end);
            QVERIFY2(info.exists(), qPrintable(info.fileName()));
            QVERIFY2(!(info.permissions()
                       & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther)),
                     qPrintable(info.fileName()));
        }
    }
};

QTEST_GUILESS_MAIN(TestHistoryStore)
#include "tst_historystore.moc"
