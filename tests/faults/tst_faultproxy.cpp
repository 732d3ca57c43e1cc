// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/faultproxy.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>

using namespace Qt::StringLiterals;
using namespace wireroom;
using namespace wireroom::faults;

using End = FaultStream::End;

namespace {

QByteArray numbered(qsizetype count)
{
    QByteArray bytes;
    for (qsizetype i = 0; i < count; ++i)
        bytes += char(i * 7 + i / 251);
    return bytes;
}

/// All that leaves a stream until it has nothing more, on a clock that jumps to whatever comes next.
struct Outcome
{
    QByteArray bytes;
    QList<qsizetype> pieces;
    std::vector<qint64> times;
    std::vector<FaultStream::Fault> faults;
    End end = End::None;
};

Outcome drain(FaultStream &stream, qint64 now = 0)
{
    Outcome outcome;
    while (const auto at = stream.nextAt()) {
        now = std::max(now, *at);
        const FaultStream::Step step = stream.take(now);
        if (step.end != End::None)
            outcome.end = step.end;
        if (step.bytes.isEmpty())
            continue;
        outcome.bytes += step.bytes;
        outcome.pieces << step.bytes.size();
        outcome.times.push_back(now);
    }
    outcome.faults = stream.takeFaults();
    return outcome;
}

/// A socket without any of Qt's views on how connections end.
class RawPeer
{
public:
    explicit RawPeer(int socket = -1) : m_socket(socket) { }

    bool connectTo(quint16 port)
    {
        m_socket = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::connect(fd(), reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    }

    void send(const QByteArray &bytes)
    {
        ::send(fd(), bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL);
    }

    void finishSending() { Descriptor::shutdownSending(m_socket.value()); }

    void close() { m_socket.reset(); }

    /// What has come so far.
    const QByteArray &received()
    {
        char buffer[4096];
        while (m_socket && !hasEnded && !wasReset) {
            const ssize_t count = ::recv(fd(), buffer, sizeof buffer, MSG_DONTWAIT);
            if (count > 0) {
                m_received.append(buffer, count);
                reads << count;
            } else if (count == 0) {
                hasEnded = true;
            } else if (errno == ECONNRESET) {
                wasReset = true;
            } else {
                break;
            }
        }
        return m_received;
    }

    bool ends()
    {
        received();
        return hasEnded;
    }

    bool isReset()
    {
        received();
        return wasReset;
    }

    bool hasEnded = false;
    bool wasReset = false;
    QList<qsizetype> reads;

private:
    int fd() const { return int(m_socket.value()); }

    Descriptor m_socket;
    QByteArray m_received;
};

class RawServer
{
public:
    RawServer()
    {
        m_socket = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(int(m_socket.value()), reinterpret_cast<sockaddr *>(&address), size);
        ::listen(int(m_socket.value()), 8);
        ::getsockname(int(m_socket.value()), reinterpret_cast<sockaddr *>(&address), &size);
        port = ntohs(address.sin_port);
    }

    int accept() { return ::accept4(int(m_socket.value()), nullptr, nullptr, SOCK_CLOEXEC); }

    quint16 port = 0;

private:
    Descriptor m_socket;
};

/// A proxy, and the two programs at its ends.
struct Rig
{
    bool open(const QList<std::pair<QString, QString>> &faults, quint64 seed = 1)
    {
        FaultOptions options;
        options.to = {u"127.0.0.1"_s, server.port};
        options.seed = seed;
        for (const auto &[name, value] : faults) {
            if (!setFault(options, name, value))
                return false;
        }
        proxy = std::make_unique<FaultProxy>(options, [this](const JsonLine &line) {
            lines << QJsonDocument::fromJson(line.toJson()).object();
        });
        return bool(proxy->open());
    }

    bool connect()
    {
        if (!client.connectTo(proxy->serverPort()))
            return false;
        int socket = -1;
        if (!QTest::qWaitFor([&] { return (socket = server.accept()) >= 0; }, 10'000))
            return false;
        far.emplace(socket);
        return true;
    }

    QStringList faults() const
    {
        QStringList names;
        for (const QJsonObject &line : lines) {
            if (line[u"event"_s] == u"fault"_s)
                names << line[u"fault"_s].toString();
        }
        return names;
    }

    bool isClosed() const { return !lines.isEmpty() && lines.last()[u"event"_s] == u"closed"_s; }

    RawServer server;
    std::unique_ptr<FaultProxy> proxy;
    QList<QJsonObject> lines;
    RawPeer client;
    std::optional<RawPeer> far;
};

} // namespace

class TestFaultProxy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void options_data();
    void options();
    void passesEverything_data();
    void passesEverything();
    void delays();
    void glues();
    void drips();
    void ends_data();
    void ends();
    void swallows();
    void swallowsForATime();
    void flips();
    void sameSeedSameFaults();

    void relays();
    void relaysHalfClose();
    void cutsBothWays();
    void resets();
    void halfCloses();
    void isBlackHole();
    void delaysOnTheWire();
    void splitsOnTheWire();
    void dripsOnTheWire();
    void flipsOnTheWire();
    void gluesOnTheWire();
    void obeys();
    void tellsThatNobodyListens();
};

void TestFaultProxy::options_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<bool>("isUp");
    QTest::addColumn<bool>("isDown");
    const auto good = [](const char *name, const char *value, bool up = true, bool down = true) {
        QTest::addRow("%s %s", name, value)
            << QString::fromUtf8(name) << QString::fromUtf8(value) << up << down;
    };
    const auto bad = [&](const char *name, const char *value) {
        good(name, value, false, false);
    };
    good("delay", "500");
    good("delay", "up:500~100", true, false);
    good("split", "down:3", false, true);
    good("glue", "20");
    good("drip", "1");
    good("cut", "100");
    good("cut", "100-200");
    good("reset", "up:5", true, false);
    good("half-close", "0");
    good("black-hole", "10,2000");
    good("black-hole", "down:10-20", false, true);
    good("bit-flip", "0.5");
    bad("delay", "");
    bad("delay", "soon");
    bad("delay", "-1");
    bad("delay", "5~");
    bad("split", "0");
    bad("drip", "0");
    bad("cut", "200-100");
    bad("cut", "-5");
    bad("black-hole", "5,");
    bad("bit-flip", "2");
    bad("bit-flip", "often");
    bad("sideways", "1");
    bad("delay", "left:5");
}

void TestFaultProxy::options()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(bool, isUp);
    QFETCH(bool, isDown);
    FaultOptions options;
    const Result<bool> set = setFault(options, name, value);
    QCOMPARE(bool(set), isUp || isDown);
    if (!set) {
        QVERIFY(set.error().text.contains(value));
        return;
    }
    QCOMPARE(options.up != DirectionFaults(), isUp);
    QCOMPARE(options.down != DirectionFaults(), isDown);
}

void TestFaultProxy::passesEverything_data()
{
    QTest::addColumn<DirectionFaults>("faults");
    QTest::newRow("nothing") << DirectionFaults();
    DirectionFaults faults;
    faults.delayMs = 500;
    faults.jitterMs = 300;
    QTest::newRow("delay") << faults;
    faults.splitMost = 5;
    QTest::newRow("delay, split") << faults;
    faults.dripPerSecond = 100;
    QTest::newRow("delay, split, drip") << faults;
    faults.splitMost = 0;
    faults.glueMs = 700;
    QTest::newRow("delay, drip, glue") << faults;
}

void TestFaultProxy::passesEverything()
{
    QFETCH(DirectionFaults, faults);
    const QByteArray all = numbered(1000);
    FaultStream stream(faults, 3, 0);
    for (int i = 0; i < 10; ++i)
        stream.push(all.sliced(i * 100, 100), i * 10);
    QCOMPARE(stream.waitingBytes(), 1000u);
    stream.finish(100);
    const Outcome outcome = drain(stream);
    QCOMPARE(outcome.bytes, all);
    QCOMPARE(outcome.end, End::Passed);
    QCOMPARE(stream.waitingBytes(), 0u);
    if (faults.splitMost > 0) {
        QVERIFY(*std::max_element(outcome.pieces.begin(), outcome.pieces.end()) <= faults.splitMost);
        QVERIFY(outcome.pieces.size() > 200);
    }
}

void TestFaultProxy::delays()
{
    DirectionFaults faults;
    faults.delayMs = 500;
    faults.jitterMs = 100;
    FaultStream stream(faults, 1, 0);
    stream.push("one", 1000);
    stream.push("two", 1001);
    QVERIFY(stream.take(1499).bytes.isEmpty());
    const Outcome outcome = drain(stream, 1000);
    QCOMPARE(outcome.bytes, QByteArray("onetwo"));
    QVERIFY(outcome.times.front() >= 1500);
    QVERIFY(outcome.times.back() <= 1601);
    QCOMPARE(outcome.faults.size(), 2u);
    QCOMPARE(outcome.faults.front().name, "delay"_L1);
    QCOMPARE(outcome.faults.back().at, 3u);
}

void TestFaultProxy::glues()
{
    DirectionFaults faults;
    faults.glueMs = 50;
    FaultStream stream(faults, 1, 0);
    for (int i = 0; i < 5; ++i)
        stream.push("x", i * 10);
    stream.push("late", 200);
    const Outcome outcome = drain(stream);
    QCOMPARE(outcome.pieces, QList<qsizetype>({5, 4}));
    QCOMPARE(outcome.times, std::vector<qint64>({50, 250}));
    QCOMPARE(outcome.faults.size(), 1u);
    QCOMPARE(outcome.faults.front().name, "glue"_L1);
}

void TestFaultProxy::drips()
{
    DirectionFaults faults;
    faults.dripPerSecond = 1;
    FaultStream stream(faults, 1, 0);
    stream.push("slow", 0);
    const Outcome outcome = drain(stream);
    QCOMPARE(outcome.pieces, QList<qsizetype>({1, 1, 1, 1}));
    QCOMPARE(outcome.times, std::vector<qint64>({0, 1000, 2000, 3000}));
    QCOMPARE(outcome.faults.size(), 1u);

    faults.dripPerSecond = 10'000;
    FaultStream faster(faults, 1, 0);
    faster.push(QByteArray(20'000, 'x'), 0);
    const std::vector<qint64> times = drain(faster).times;
    QVERIFY(times.back() >= 1900 && times.back() <= 2000);
}

void TestFaultProxy::ends_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<End>("end");
    QTest::newRow("cut") << u"cut"_s << End::Cut;
    QTest::newRow("reset") << u"reset"_s << End::Reset;
    QTest::newRow("half-close") << u"half-close"_s << End::HalfClose;
}

void TestFaultProxy::ends()
{
    QFETCH(QString, name);
    QFETCH(End, end);
    for (const int at : {0, 7, 10, 25}) {
        FaultOptions options;
        QVERIFY(setFault(options, name, QString::number(at)));
        FaultStream stream(options.up, 1, 0);
        stream.push(numbered(10), 0);
        stream.push(numbered(20), 0);
        const Outcome outcome = drain(stream);
        QCOMPARE(outcome.bytes.size(), at);
        QCOMPARE(outcome.end, end);
        QCOMPARE(outcome.faults.size(), 1u);
        QCOMPARE(outcome.faults.front().at, quint64(at));
        stream.push("more", 1);
        QVERIFY(drain(stream).bytes.isEmpty());
    }
    FaultOptions options;
    QVERIFY(setFault(options, name, u"31"_s));
    FaultStream stream(options.up, 1, 0);
    stream.push(numbered(30), 0);
    QVERIFY(drain(stream).end == End::None);
}

void TestFaultProxy::swallows()
{
    DirectionFaults faults;
    faults.blackHole = ByteRange{4, 4};
    FaultStream stream(faults, 1, 0);
    stream.push("abc", 0);
    stream.push("def", 1);
    stream.push("ghi", 100'000);
    stream.finish(100'000);
    const Outcome outcome = drain(stream);
    QCOMPARE(outcome.bytes, QByteArray("abcd"));
    QVERIFY(outcome.end == End::None);
    QCOMPARE(outcome.faults.size(), 1u);

    FaultStream other({}, 1, 0);
    other.swallow(true);
    other.push("abc", 0);
    other.swallow(false);
    other.push("def", 0);
    QCOMPARE(drain(other).bytes, QByteArray("def"));
}

void TestFaultProxy::swallowsForATime()
{
    DirectionFaults faults;
    faults.blackHole = ByteRange{3, 3};
    faults.blackHoleMs = 100;
    FaultStream stream(faults, 1, 0);
    stream.push("abc", 0);
    stream.push("def", 50);
    stream.push("ghi", 149);
    stream.push("jkl", 150);
    QCOMPARE(drain(stream).bytes, QByteArray("abcjkl"));
}

void TestFaultProxy::flips()
{
    DirectionFaults faults;
    faults.flipChance = 0.01;
    FaultStream stream(faults, 5, 0);
    const QByteArray all = numbered(20'000);
    stream.push(all, 0);
    const Outcome outcome = drain(stream);
    QCOMPARE(outcome.bytes.size(), all.size());
    quint64 wrong = 0;
    for (qsizetype i = 0; i < all.size(); ++i) {
        const quint8 difference = quint8(all[i]) ^ quint8(outcome.bytes[i]);
        if (difference == 0)
            continue;
        QVERIFY2((difference & (difference - 1)) == 0, "more than one bit of a byte");
        QCOMPARE(outcome.faults[wrong].at, quint64(i));
        ++wrong;
    }
    QCOMPARE(outcome.faults.size(), size_t(wrong));
    QVERIFY2(wrong > 120 && wrong < 300, qPrintable(QString::number(wrong)));

    faults.flipChance = 1;
    FaultStream every(faults, 5, 0);
    every.push(all.first(100), 0);
    QCOMPARE(drain(every).faults.size(), 100u);
}

void TestFaultProxy::sameSeedSameFaults()
{
    DirectionFaults faults;
    faults.flipChance = 0.01;
    faults.splitMost = 40;
    faults.cut = ByteRange{1000, 9000};
    faults.blackHole = ByteRange{100, 50'000};
    const QByteArray all = numbered(10'000);
    const auto run = [&](quint64 seed, quint64 number, qsizetype chunk) {
        FaultStream stream(faults, seed, number);
        for (qsizetype at = 0; at < all.size(); at += chunk)
            stream.push(all.sliced(at, std::min(chunk, all.size() - at)), 0);
        Outcome outcome = drain(stream);
        // What is flipped behind the place of a cut is told or not, as the bytes came.
        std::erase_if(outcome.faults, [&](const FaultStream::Fault &fault) {
            return fault.at >= quint64(outcome.bytes.size());
        });
        std::sort(outcome.faults.begin(), outcome.faults.end(), [](const auto &a, const auto &b) {
            return std::pair(a.at, a.name) < std::pair(b.at, b.name);
        });
        return outcome;
    };
    const Outcome first = run(42, 0, 10'000);
    QVERIFY(first.faults.size() > 20);
    for (const qsizetype chunk : {1, 7, 1000}) {
        const Outcome again = run(42, 0, chunk);
        QVERIFY(again.bytes == first.bytes);
        QVERIFY(again.faults == first.faults);
    }
    QVERIFY(run(43, 0, 10'000).faults != first.faults);
    QVERIFY2(run(42, 1, 10'000).faults != first.faults, "another connection has faults of its own");
}

void TestFaultProxy::relays()
{
    Rig rig;
    QVERIFY(rig.open({}));
    QVERIFY(rig.connect());
    const QByteArray all = numbered(100'000);
    rig.client.send(all);
    QTRY_COMPARE(rig.far->received().size(), all.size());
    QCOMPARE(rig.far->received(), all);
    rig.far->send("answer");
    QTRY_COMPARE(rig.client.received(), QByteArray("answer"));
    rig.far->close();
    QTRY_VERIFY(rig.client.ends());
    rig.client.close();
    QTRY_VERIFY(rig.isClosed());
    QCOMPARE(rig.lines.first()[u"event"_s].toString(), u"listening"_s);
    QCOMPARE(rig.lines.last()[u"up"_s].toInteger(), all.size());
    QCOMPARE(rig.lines.last()[u"down"_s].toInteger(), 6);
    QCOMPARE(rig.faults(), QStringList());
}

void TestFaultProxy::relaysHalfClose()
{
    Rig rig;
    QVERIFY(rig.open({}));
    QVERIFY(rig.connect());
    rig.client.send("question");
    rig.client.finishSending();
    QTRY_VERIFY(rig.far->ends());
    QCOMPARE(rig.far->received(), QByteArray("question"));
    rig.far->send("answer");
    rig.far->close();
    QTRY_VERIFY(rig.client.ends());
    QCOMPARE(rig.client.received(), QByteArray("answer"));
}

void TestFaultProxy::cutsBothWays()
{
    Rig rig;
    QVERIFY(rig.open({{u"cut"_s, u"up:1000"_s}}));
    QVERIFY(rig.connect());
    rig.client.send(numbered(5000));
    QTRY_VERIFY(rig.far->ends());
    QTRY_VERIFY(rig.client.ends());
    QCOMPARE(rig.far->received(), numbered(1000));
    QVERIFY(!rig.far->isReset());
    QVERIFY(!rig.client.isReset());
    QCOMPARE(rig.faults(), QStringList{u"cut"_s});
    QCOMPARE(rig.lines.last()[u"at"_s].toInteger(), 1000);
    rig.client.close();
    rig.far->close();
    QTRY_VERIFY(rig.isClosed());
}

void TestFaultProxy::resets()
{
    Rig rig;
    QVERIFY(rig.open({{u"reset"_s, u"down:4"_s}}));
    QVERIFY(rig.connect());
    rig.far->send("1234567");
    QTRY_VERIFY(rig.client.isReset());
    QTRY_VERIFY(rig.far->isReset());
    QCOMPARE(rig.faults(), QStringList{u"reset"_s});
    QVERIFY(rig.isClosed());
}

void TestFaultProxy::halfCloses()
{
    Rig rig;
    QVERIFY(rig.open({{u"half-close"_s, u"up:3"_s}}));
    QVERIFY(rig.connect());
    rig.client.send("123456");
    QTRY_VERIFY(rig.far->ends());
    QCOMPARE(rig.far->received(), QByteArray("123"));
    rig.far->send("still here");
    QTRY_COMPARE(rig.client.received(), QByteArray("still here"));
    QVERIFY(!rig.client.ends());
    QCOMPARE(rig.faults(), QStringList{u"half-close"_s});
}

void TestFaultProxy::isBlackHole()
{
    Rig rig;
    QVERIFY(rig.open({{u"black-hole"_s, u"up:3"_s}}));
    QVERIFY(rig.connect());
    rig.client.send("123456");
    QTRY_COMPARE(rig.far->received(), QByteArray("123"));
    rig.client.finishSending();
    // What goes the other way shows that the end would have come by now.
    rig.far->send("hello?");
    QTRY_COMPARE(rig.client.received(), QByteArray("hello?"));
    QVERIFY(!rig.far->ends());
    QCOMPARE(rig.far->received(), QByteArray("123"));
    QCOMPARE(rig.faults(), QStringList{u"black-hole"_s});
    rig.far->close();
    QTRY_VERIFY(rig.isClosed());
}

void TestFaultProxy::delaysOnTheWire()
{
    Rig rig;
    QVERIFY(rig.open({{u"delay"_s, u"150"_s}}));
    QVERIFY(rig.connect());
    QElapsedTimer timer;
    timer.start();
    rig.client.send("there");
    QTRY_COMPARE(rig.far->received(), QByteArray("there"));
    QVERIFY2(timer.elapsed() >= 149, qPrintable(QString::number(timer.elapsed())));
    rig.far->send("back");
    QTRY_COMPARE(rig.client.received(), QByteArray("back"));
    QVERIFY2(timer.elapsed() >= 298, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(rig.faults(), QStringList({u"delay"_s, u"delay"_s}));
}

void TestFaultProxy::splitsOnTheWire()
{
    Rig rig;
    QVERIFY(rig.open({{u"split"_s, u"up:3"_s}}));
    QVERIFY(rig.connect());
    rig.client.send(numbered(60));
    QTRY_COMPARE(rig.far->received(), numbered(60));
    QVERIFY(rig.faults().size() >= 20);
    QCOMPARE(rig.faults().count(u"split"_s), rig.faults().size());
}

void TestFaultProxy::dripsOnTheWire()
{
    Rig rig;
    QVERIFY(rig.open({{u"drip"_s, u"up:20"_s}}));
    QVERIFY(rig.connect());
    QElapsedTimer timer;
    timer.start();
    rig.client.send("12345678");
    QTRY_COMPARE(rig.far->received(), QByteArray("12345678"));
    QVERIFY2(timer.elapsed() >= 340, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(rig.faults(), QStringList{u"drip"_s});
}

void TestFaultProxy::flipsOnTheWire()
{
    QStringList first;
    for (int round = 0; round < 2; ++round) {
        Rig rig;
        QVERIFY(rig.open({{u"bit-flip"_s, u"up:0.05"_s}}, 7));
        QVERIFY(rig.connect());
        rig.client.send(numbered(500));
        QTRY_COMPARE(rig.far->received().size(), 500);
        QVERIFY(rig.far->received() != numbered(500));
        QStringList places;
        for (const QJsonObject &line : rig.lines.sliced(2))
            places << QString::number(line[u"at"_s].toInteger()) % u'.'
                    % QString::number(line[u"bit"_s].toInteger());
        QVERIFY(!places.isEmpty());
        if (round == 0)
            first = places;
        QCOMPARE(places, first);
    }
}

void TestFaultProxy::gluesOnTheWire()
{
    Rig rig;
    QVERIFY(rig.open({{u"glue"_s, u"up:100"_s}}));
    QVERIFY(rig.connect());
    qint64 sent = 0;
    // Until two pieces really came within one such time.
    while (rig.faults().isEmpty() && sent < 500) {
        rig.client.send("x");
        ++sent;
        QTest::qWait(5);
    }
    QCOMPARE(rig.faults().value(0), u"glue"_s);
    QTRY_COMPARE(rig.far->received(), QByteArray(sent, 'x'));
}

void TestFaultProxy::obeys()
{
    Rig rig;
    QVERIFY(rig.open({}));
    QVERIFY(!rig.proxy->command(u"jump"));
    QVERIFY(rig.connect());
    QVERIFY(rig.proxy->command(u"black-hole on"));
    rig.client.send("lost");
    QVERIFY(
        QTest::qWaitFor([&] { return rig.client.received().isEmpty() && rig.far->received().isEmpty(); }));
    rig.client.finishSending();
    QVERIFY(rig.proxy->command(u"refuse on"));
    RawPeer refused;
    QVERIFY(refused.connectTo(rig.proxy->serverPort()));
    QTRY_VERIFY(refused.isReset());
    QVERIFY(!rig.far->ends());
    QCOMPARE(rig.far->received(), QByteArray());
    QVERIFY(rig.proxy->command(u"refuse off"));
    QVERIFY(rig.proxy->command(u"black-hole off"));
    QVERIFY(rig.proxy->command(u"reset"));
    QTRY_VERIFY(rig.far->isReset());

    QVERIFY(rig.connect());
    QVERIFY(rig.proxy->command(u"cut"));
    QTRY_VERIFY(rig.client.isReset() || rig.client.ends());
    QTRY_VERIFY(rig.far->ends());
    QCOMPARE(rig.faults(), QStringList({u"black-hole"_s, u"refuse"_s, u"reset"_s, u"cut"_s}));
}

void TestFaultProxy::tellsThatNobodyListens()
{
    Rig rig;
    {
        const RawServer gone;
        rig.server.port = gone.port;
    }
    QVERIFY(rig.open({}));
    QVERIFY(rig.client.connectTo(rig.proxy->serverPort()));
    QTRY_VERIFY(rig.client.isReset());
    QVERIFY(rig.isClosed());
    QCOMPARE(rig.lines[2][u"event"_s].toString(), u"error"_s);
}

QTEST_GUILESS_MAIN(TestFaultProxy)
#include "tst_faultproxy.moc"
