// SPDX-License-Identifier: Apache-2.0
#include "common/base/foldedname.h"
#include "common/base/secretfile.h"
#include "common/transport/privatelink.h"
#include "server-gui/core/accounts.h"
#include "server-gui/core/passwordgate.h"
#include "server-gui/core/passwordhash.h"

#include <QTemporaryDir>
#include <QTest>

#include <ctime>

using namespace Qt::StringLiterals;
using namespace wireroom;
using namespace std::chrono_literals;

namespace {

using Verdict = PasswordGate::Verdict;

bool writeFile(const QString &path, const QByteArray &bytes, QFile::Permissions permissions)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size()
        && file.setPermissions(permissions);
}

constexpr QFile::Permissions kMine = QFile::ReadOwner | QFile::WriteOwner;

/// A gate with a password, and what it answered later.
struct Gate
{
    bool open(const std::optional<QString> &password, const QString &dataDir = {})
    {
        ServerConfig config;
        config.dataDir = dataDir;
        config.password = password;
        return !gate.open(config);
    }

    /// Waits where it takes a hash.
    PasswordGate::Answer check(const QString &password, const QString &address = u"192.0.2.1"_s,
                               const QString &name = u"Ann"_s)
    {
        const ClientId id(++last);
        PasswordGate::Answer answer = gate.check(id, address, name, password);
        if (answer.verdict != Verdict::Pending)
            return answer;
        if (!QTest::qWaitFor([&] { return answers.contains(id); }, 30'000))
            return answer;
        return answers[id];
    }

    std::map<ClientId, PasswordGate::Answer> answers;
    quint64 last = 0;
    PasswordGate gate{[this](ClientId id, const PasswordGate::Answer &answer) {
        answers[id] = answer;
    }};
};

} // namespace

/// What the room password and names are made of.
class TestPassword : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void hashes()
    {
        const QByteArray hash = passwordHash("open sesame");
        QVERIFY(hash.startsWith("$argon2id$v=19$m=65536,t=2,p=1$"));
        QVERIFY(hash != passwordHash("open sesame")); // salted
        QVERIFY(isPasswordHash(hash));
        QVERIFY(isPasswordRight("open sesame", hash));
        QVERIFY(!isPasswordRight("open sesam", hash));
        QVERIFY(!isPasswordRight("", hash));
        for (const QByteArray &none :
             {QByteArray(), QByteArray("open sesame"), QByteArray("$argon2id$"),
              QByteArray("$argon2id$v=19$m=65536,t=2,p=1$"), QByteArray(hash + hash)})
            QVERIFY2(!isPasswordHash(none) && !isPasswordRight("open sesame", none), none.constData());
        QCOMPARE(passwordBytes(u"u\u0308"_s), passwordBytes(u"\u00fc"_s));
    }

    void restsThreeQuartersOfTheTime()
    {
        std::vector<PasswordThread::Done> answers;
        PasswordThread thread([&](const auto &done) { answers.push_back(done); });
        const QByteArray hash = passwordHash("right");
        const auto began = std::chrono::steady_clock::now();
        const std::clock_t cpuBegan = std::clock();
        quint64 jobs = 0;
        while (jobs++ < 6)
            QVERIFY(thread.check(jobs, jobs == 3 ? "right" : "wrong", hash));
        QTRY_COMPARE_WITH_TIMEOUT(answers.size(), size_t(6), 60'000);
        const double cpu = double(std::clock() - cpuBegan) / CLOCKS_PER_SEC;
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        for (const PasswordThread::Done &done : answers)
            QCOMPARE(done.isRight, done.job == 3);
        // The rest behind the last one is not in it: 6 of 21 parts.
        qInfo("%.0f %% of a core while 6 passwords were hashed", 100 * cpu / took.count());
        QVERIFY(cpu < 0.4 * took.count());
        QCOMPARE(thread.jobsDone(), quint64(6));
    }

    void takesNoMoreJobsThanItCanDoSoon()
    {
        int answers = 0;
        PasswordThread thread([&](const auto &) { ++answers; });
        const QByteArray hash = passwordHash("right");
        quint64 taken = 0;
        while (taken < 1'000 && thread.check(taken + 1, "wrong", hash))
            ++taken;
        QVERIFY(taken >= PasswordThread::kMostWaiting && taken <= PasswordThread::kMostWaiting + 1);
        for (quint64 job = 1; job <= taken; ++job)
            thread.forget(job);
        QVERIFY(thread.check(5'000, "right", hash));
    }

    void holdsGuessersUp()
    {
        AttemptLimiter limiter;
        auto now = AttemptLimiter::Clock::now();
        for (int i = 0; i < AttemptLimiter::kFree; ++i) {
            QCOMPARE(limiter.delay(u"a"_s, now), 0ms);
            limiter.begin(u"a"_s, now);
        }
        for (const auto delay : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
            QCOMPARE(limiter.delay(u"a"_s, now), std::chrono::milliseconds(delay));
            QCOMPARE(limiter.delay(u"a"_s, now + delay - 1ms), 1ms);
            QCOMPARE(limiter.delay(u"b"_s, now), 0ms);
            now += delay;
            QCOMPARE(limiter.delay(u"a"_s, now), 0ms);
            limiter.begin(u"a"_s, now);
        }
        now += AttemptLimiter::kForgotten;
        limiter.begin(u"a"_s, now);
        QCOMPARE(limiter.failures(u"a"_s), 1);
        QCOMPARE(limiter.delay(u"a"_s, now), 0ms);
    }

    void forgivesAMinuteLater()
    {
        AttemptLimiter limiter;
        const auto now = AttemptLimiter::Clock::now();
        for (int i = 0; i < 9; ++i)
            limiter.begin(u"a"_s, now);
        limiter.begin(u"a"_s, now + 61s);
        QCOMPARE(limiter.failures(u"a"_s), 1);
        limiter.forgive(u"a"_s);
        QCOMPARE(limiter.failures(u"a"_s), 0);
    }

    void countsWhatIsAtWork()
    {
        AttemptLimiter limiter;
        const auto now = AttemptLimiter::Clock::now();
        for (int i = 0; i < 10; ++i)
            limiter.begin(u"a"_s, now);
        QVERIFY(limiter.delay(u"a"_s, now) > 0ms);
        limiter.undo(u"a"_s); // it was right
        QCOMPARE(limiter.delay(u"a"_s, now), 0ms);
        for (int i = 0; i < 9; ++i)
            limiter.undo(u"a"_s);
        QCOMPARE(limiter.size(), 0);
        limiter.undo(u"a"_s);
        QCOMPARE(limiter.failures(u"a"_s), 0);
    }

    void remembersSoManyGuessersOnly()
    {
        AttemptLimiter limiter;
        const auto now = AttemptLimiter::Clock::now();
        for (int i = 0; i < 3 * AttemptLimiter::kMostKeys; ++i)
            limiter.begin(QString::number(i), now + std::chrono::microseconds(i));
        QVERIFY(limiter.size() <= AttemptLimiter::kMostKeys);
        QCOMPARE(limiter.failures(QString::number(3 * AttemptLimiter::kMostKeys - 1)), 1);
        QCOMPARE(limiter.failures(u"0"_s), 0);
    }

    void knowsNeighbours_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("key");
        QTest::newRow("IPv4") << u"192.0.2.7"_s << u"192.0.2.7"_s;
        QTest::newRow("IPv4 in IPv6") << u"::ffff:192.0.2.7"_s << u"192.0.2.7"_s;
        QTest::newRow("IPv6") << u"2001:db8:1:2:3:4:5:6"_s << u"2001:db8:1:2::"_s;
        QTest::newRow("its neighbour") << u"2001:db8:1:2::9"_s << u"2001:db8:1:2::"_s;
    }

    void knowsNeighbours()
    {
        QFETCH(const QString, address);
        QTEST(PasswordGate::addressKey(address), "key");
    }

    void knowsPrivateLinks()
    {
        QVERIFY(isPrivateLink(u"127.0.0.1"_s, false));
        QVERIFY(isPrivateLink(u"::1"_s, false));
        QVERIFY(isPrivateLink(u"::ffff:127.0.0.1"_s, false));
        QVERIFY(!isPrivateLink(u"192.0.2.1"_s, false));
        QVERIFY(!isPrivateLink(u"10.0.0.1"_s, false));
        QVERIFY(!isPrivateLink(QString(), false));
        QVERIFY(isPrivateLink(u"192.0.2.1"_s, true));
    }

    void checksPasswords()
    {
        Gate gate;
        QVERIFY(gate.open(u"open sesame"_s));
        QVERIFY(gate.gate.isNeeded() && gate.gate.epoch() > 0);
        const PasswordGate::Answer wrong = gate.check(u"open"_s);
        QVERIFY(wrong.verdict == Verdict::Wrong);
        QCOMPARE(wrong.failures, 1);
        QVERIFY(gate.check(u"open sesame"_s).verdict == Verdict::Right);
        const quint64 jobs = gate.gate.hashJobs();
        // Now it is known, and what it is not, too.
        QVERIFY(gate.check(u"open sesame"_s).verdict == Verdict::Right);
        QVERIFY(gate.check(u"Open sesame"_s).verdict == Verdict::Wrong);
        QCOMPARE(gate.gate.hashJobs(), jobs);
    }

    void looksAtFewGuesses()
    {
        Gate gate;
        QVERIFY(gate.open(u"open sesame"_s));
        QVERIFY(gate.check(u"open sesame"_s, u"198.51.100.1"_s, u"Bob"_s).verdict == Verdict::Right);
        int lookedAt = 0;
        for (int guess = 0; guess < 1'000; ++guess) {
            const PasswordGate::Answer answer
                = gate.check(QString::number(guess), u"192.0.2.1"_s, QString::number(guess));
            lookedAt += answer.verdict == Verdict::TooMany ? 0 : 1;
            QVERIFY(answer.verdict != Verdict::TooMany || answer.wait > 0ms);
        }
        // A slow machine may take longer than a second for the thousand.
        QVERIFY2(lookedAt >= 10 && lookedAt <= 15, QByteArray::number(lookedAt).constData());
        // Also the right one has to wait there now, and nobody elsewhere.
        QVERIFY(gate.check(u"open sesame"_s).verdict == Verdict::TooMany);
        QVERIFY(gate.check(u"open sesame"_s, u"198.51.100.1"_s, u"Bob"_s).verdict == Verdict::Right);
    }

    void looksAtFewGuessesForOneName()
    {
        Gate gate;
        QVERIFY(gate.open(u"open sesame"_s));
        QVERIFY(gate.check(u"open sesame"_s, u"198.51.100.1"_s, u"Bob"_s).verdict == Verdict::Right);
        int lookedAt = 0;
        for (int guess = 0; guess < 200; ++guess)
            lookedAt += gate.check(u"x"_s, u"192.0.2.%1"_s.arg(guess), u"ANN"_s).verdict == Verdict::Wrong;
        QVERIFY2(lookedAt >= 10 && lookedAt <= 15, QByteArray::number(lookedAt).constData());
    }

    void keepsAHashAlone()
    {
        QTemporaryDir dir;
        const QString file = dir.filePath(u"password"_s);
        quint64 epoch = 0;
        {
            Gate gate;
            QVERIFY(gate.open(u"open sesame"_s, dir.path()));
            epoch = gate.gate.epoch();
        }
        QCOMPARE(QFile::permissions(file) & ~(QFile::ReadUser | QFile::WriteUser), kMine);
        QFile kept(file);
        QVERIFY(kept.open(QIODevice::ReadOnly));
        const QByteArray text = kept.readAll();
        QVERIFY(!text.contains("sesame") && text.contains("$argon2id$"));
        {
            Gate again;
            QVERIFY(again.open({}, dir.path()));
            QCOMPARE(again.gate.epoch(), epoch);
            QVERIFY(again.check(u"open sesame"_s).verdict == Verdict::Right);
            QVERIFY(again.open(u"open sesame"_s, dir.path()));
            QCOMPARE(again.gate.epoch(), epoch);
            QVERIFY(again.open(QString::fromUtf8(text.split('\n').at(1)), dir.path()));
            QCOMPARE(again.gate.epoch(), epoch);
            QVERIFY(again.open(u"another"_s, dir.path()));
            QVERIFY(again.gate.epoch() != epoch);
            QVERIFY(again.open(u""_s, dir.path()));
            QVERIFY(!again.gate.isNeeded());
        }
        QVERIFY(!QFile::exists(file));
    }

    void doesNotGuessWhatWasKept()
    {
        QTemporaryDir dir;
        for (const QByteArray &text : {QByteArray(), QByteArray("open sesame\n"), QByteArray("1\nopen\n"),
                                       QByteArray("0\n" + passwordHash("x"))}) {
            QVERIFY(writeFile(dir.filePath(u"password"_s), text, kMine));
            Gate gate;
            QVERIFY(!gate.open({}, dir.path()));
            QVERIFY(gate.open(u"new"_s, dir.path()));
        }
    }

    void changesWhileItRuns()
    {
        QTemporaryDir dir;
        Gate gate;
        QVERIFY(gate.open({}, dir.path()));
        QVERIFY(!gate.gate.isNeeded());
        int done = 0;
        gate.gate.set(dir.path(), u"first"_s, [&](const std::optional<Error> &error) { done += !error; });
        QTRY_COMPARE(done, 1);
        QVERIFY(gate.check(u"first"_s).verdict == Verdict::Right);
        gate.gate.set(dir.path(), u"second"_s, [&](const std::optional<Error> &error) { done += !error; });
        QTRY_COMPARE(done, 2);
        QVERIFY(gate.check(u"first"_s).verdict == Verdict::Wrong);
        QVERIFY(gate.check(u"second"_s).verdict == Verdict::Right);
        gate.gate.set(u"/proc/nowhere"_s, u"third"_s,
                      [&](const std::optional<Error> &error) { done += error ? 1 : 0; });
        QTRY_COMPARE(done, 3);
        QVERIFY(gate.check(u"second"_s).verdict == Verdict::Right);
    }

    void readsSecrets_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("mode");
        QTest::addColumn<QString>("secret"); // or, behind !, a word of the refusal
        const int mine = int(kMine);
        QTest::newRow("one line") << QByteArray("open sesame\n") << mine << u"open sesame"_s;
        QTest::newRow("no line end") << QByteArray("open sesame") << mine << u"open sesame"_s;
        QTest::newRow("from elsewhere") << QByteArray("open\r\nmore\r\n") << mine << u"open"_s;
        QTest::newRow("read only") << QByteArray("x\n") << int(QFile::ReadOwner) << u"x"_s;
        QTest::newRow("empty") << QByteArray("\n") << mine << u"!empty"_s;
        QTest::newRow("too long") << QByteArray(5'000, 'x') << mine << u"!too long"_s;
        QTest::newRow("no text") << QByteArray("\xff\xfe\n") << mine << u"!no text"_s;
        QTest::newRow("for all to read")
            << QByteArray("x\n") << int(kMine | QFile::ReadOther) << u"!chmod 600"_s;
        QTest::newRow("for the group to write")
            << QByteArray("x\n") << int(kMine | QFile::WriteGroup) << u"!chmod 600"_s;
    }

    void readsSecrets()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const int, mode);
        QFETCH(const QString, secret);
        QTemporaryDir dir;
        const QString file = dir.filePath(u"secret"_s);
        QVERIFY(writeFile(file, bytes, QFile::Permissions(mode)));
        const Result<QString> read = readSecretFile(file);
        QCOMPARE(bool(read), !secret.startsWith(u'!'));
        if (read)
            QCOMPARE(read.value(), secret);
        else
            QVERIFY2(read.error().text.contains(secret.sliced(1)), qPrintable(read.error().text));
        QVERIFY(!readSecretFile(dir.path()) && !readSecretFile(dir.filePath(u"none"_s)));
    }

    void foldsNames_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::addColumn<bool>("isSame");
        QTest::newRow("case") << u"Ann"_s << u"ANN"_s << true;
        QTest::newRow("sharp s") << u"Strauß"_s << u"STRAUSS"_s << true;
        QTest::newRow("sigma") << u"ΟΔΟΣ"_s << u"οδος"_s << true;
        QTest::newRow("full width") << u"\uff21nn"_s << u"Ann"_s << true;
        QTest::newRow("ligature") << u"\ufb01n"_s << u"fin"_s << true;
        QTest::newRow("composed") << u"J\u00fcrgen"_s << u"Ju\u0308rgen"_s << true;
        QTest::newRow("joiner inside") << u"A\u200dnn"_s << u"Ann"_s << true;
        QTest::newRow("soft hyphen") << u"A\u00adnn"_s << u"Ann"_s << true;
        QTest::newRow("variation selector") << u"A\ufe0fnn"_s << u"Ann"_s << true;
        QTest::newRow("Hangul filler") << u"Ann\u3164"_s << u"Ann"_s << true;
        QTest::newRow("tags") << QString(u"Ann" + QString::fromUcs4(U"\U000e0041")) << u"Ann"_s << true;
        QTest::newRow("ignored in between") << u"u\u034f\u0308"_s << u"\u00fc"_s << true;
        QTest::newRow("two blanks") << u"Ann  Lee"_s << u"Ann Lee"_s << true;
        QTest::newRow("no-break space") << u"Ann\u00a0Lee"_s << u"Ann Lee"_s << true;
        QTest::newRow("others") << u"Ann"_s << u"Anna"_s << false;
        QTest::newRow("accent") << u"Ann"_s << u"Änn"_s << false;
    }

    void foldsNames()
    {
        QFETCH(const QString, one);
        QFETCH(const QString, other);
        QTEST(Accounts::isSameName(one, other), "isSame");
        QCOMPARE(foldedName(foldedName(one)), foldedName(one));
        QVERIFY(Accounts::isNameSeen(one));
        QVERIFY(!Accounts::isNameSeen(u"\u3164\u200d"_s));
    }

    void holdsNames()
    {
        Accounts accounts;
        KnownAccount &ann = accounts.add(ClientId(1), u"Ann"_s, 0).first;
        KnownAccount &bob = accounts.add(ClientId(2), u"Bob"_s, 0).first;
        QCOMPARE(accounts.holder(u"ANN"_s), &ann);
        accounts.rename(ann, u"Anna"_s);
        QVERIFY(!accounts.holder(u"Ann"_s));
        accounts.rename(bob, u"ann"_s);
        QCOMPARE(accounts.holder(u"Ann"_s), &bob);
        QCOMPARE(accounts.holder(u"anna"_s), &ann);
        // From before names belonged to anybody.
        std::vector<Account> old(2);
        old[0].id = ClientId(7);
        old[1].id = ClientId(8);
        old[0].name = old[1].name = u"Eve"_s;
        old[0].tokenHash = "7";
        old[1].tokenHash = "8";
        accounts.load(std::move(old));
        QCOMPARE(accounts.holder(u"eve"_s)->id, ClientId(7));
        accounts.rename(*accounts.find(ClientId(8)), u"Eva"_s);
        QCOMPARE(accounts.holder(u"eve"_s)->id, ClientId(7));
    }

    void forgetsTheOldestWhoLeft()
    {
        Accounts accounts;
        QByteArray firstToken;
        for (quint64 id = 1; id <= Accounts::kMostAway + 2; ++id) {
            auto [account, token] = accounts.add(ClientId(id), u"n%1"_s.arg(id), 0);
            if (id == 1)
                firstToken = token;
            const std::optional<ClientId> forgotten = accounts.wentAway(account);
            QVERIFY(forgotten == (id == Accounts::kMostAway + 2 ? std::optional(ClientId(1)) : std::nullopt));
            if (id == 2)
                accounts.cameBack(account);
        }
        QCOMPARE(accounts.all().size(), Accounts::kMostAway + 1); // and the second, who is here
        QVERIFY(!accounts.find(ClientId(1)) && accounts.find(ClientId(2)) && accounts.find(ClientId(3)));
        QVERIFY(!accounts.holder(u"n1"_s) && !accounts.findByToken(firstToken));
    }
};

QTEST_GUILESS_MAIN(TestPassword)
#include "tst_password.moc"
