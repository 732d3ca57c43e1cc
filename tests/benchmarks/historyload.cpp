// SPDX-License-Identifier: Apache-2.0
//
// bench_history: what the history store does in a second, and how long a history of a million messages takes
// to open, to page and to search. Prints a line for each.

#include "server-gui/core/historydatabase.h"
#include "server-gui/core/historystore.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

constexpr quint64 kClients = 50;

/// On its way to the disk at a time, as the server would have with 50 clients and some more.
constexpr quint64 kWindow = 8'192;

struct Options
{
    quint64 messages = 1'000'000;
    qsizetype bytes = 128;
    double rate = 10'000; ///< of what is written while it is read; 0: nothing
    int rounds = 20;
};

/// Texts of words, of which the first are frequent, as in any language.
class Texts
{
public:
    Texts()
    {
        QRandomGenerator random(4711);
        const QByteArray letters = "etaoinshrdlucmfwyp";
        for (int i = 0; i < 5'000; ++i) {
            QByteArray word;
            for (int length = 2 + int(random.bounded(8)); length > 0; --length)
                word += letters[random.bounded(random.bounded(int(letters.size())) + 1)];
            m_words.append(word);
        }
    }

    QByteArray next(quint64 seq, qsizetype bytes)
    {
        QByteArray text;
        // A word that is in every hundredth text, and one that is in every 100,000th.
        if (seq % 100 == 0)
            text += "Frequently ";
        if (seq % 100'000 == 50'000)
            text += "Hippopotamus ";
        while (text.size() < bytes) {
            const double at = m_random.generateDouble();
            text += m_words[qsizetype(at * at * at * double(m_words.size()))] + ' ';
        }
        text.truncate(bytes);
        return text;
    }

private:
    QList<QByteArray> m_words;
    QRandomGenerator m_random{42};
};

/// Half of them to one other client, some to a group, to everyone, or to the operator.
HistoryMessage message(quint64 seq, const Options &options, Texts &texts)
{
    HistoryMessage message;
    message.seq = seq;
    message.time = 1'700'000'000'000 + qint64(seq);
    message.from = ClientId(1 + seq % kClients);
    message.ref = 1 + seq / kClients;
    const auto other = [&](quint64 far) {
        return ClientId(1 + (seq + far) % kClients);
    };
    switch (seq / kClients % 8) {
    case 0:
        break;
    case 1:
        message.to = std::vector{other(1), other(2), other(3)};
        break;
    case 2:
        message.to = std::vector{kOperator};
        break;
    default:
        message.to = std::vector{other(1 + seq / kClients % 7)};
    }
    message.body = texts.next(seq, options.bytes);
    return message;
}

/// One store and what it answers.
class Bench
{
public:
    Bench(const HistoryConfig &config, const Options &options) : m_options(options)
    {
        m_clock.start();
        m_store = std::make_unique<HistoryStore>(config,
                                                 [this](HistoryReply &&reply) { take(std::move(reply)); });
    }

    /// Milliseconds until it was open.
    double open()
    {
        wait([this] { return m_opened; });
        return double(m_clock.nsecsElapsed()) / 1e6;
    }

    quint64 lastSeq() const { return m_lastSeq; }

    /// Messages a second.
    double fill(quint64 count)
    {
        const quint64 end = m_appended + count;
        const quint64 before = m_appended;
        QElapsedTimer clock;
        clock.start();
        qint64 shown = 0;
        while (m_committed < end) {
            while (m_appended < end && m_appended - m_committed < kWindow)
                appendOne();
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
            if (clock.elapsed() - shown > 5'000) {
                shown = clock.elapsed();
                std::fprintf(stderr, "%llu\n", m_committed);
            }
        }
        return double(end - before) * 1e9 / double(clock.nsecsElapsed());
    }

    /// From now on so many a second are written, too.
    void keepWriting()
    {
        if (m_options.rate <= 0)
            return;
        m_pace.start();
        QObject::connect(&m_tick, &QTimer::timeout, &m_tick, [this] {
            const auto due = quint64(double(m_pace.nsecsElapsed()) * m_options.rate / 1e9);
            for (; m_paced < due && m_appended - m_committed < kWindow; ++m_paced)
                appendOne();
        });
        m_tick.start(1);
    }

    void stopWriting()
    {
        m_tick.stop();
        wait([this] { return m_committed == m_appended; });
    }

    void read(const char *name, HistoryRequest request)
    {
        std::vector<double> times;
        size_t found = 0;
        for (int round = 0; round < m_options.rounds; ++round) {
            QElapsedTimer clock;
            clock.start();
            m_page.reset();
            m_store->read(request);
            wait([this] { return m_page.has_value(); });
            times.push_back(double(clock.nsecsElapsed()) / 1e6);
            if (!*m_page)
                qFatal("%s", qPrintable(m_page->error().text));
            found = m_page->value().messages.size();
        }
        const double first = times.front();
        std::sort(times.begin(), times.end());
        std::printf("%-44s %8.1f %8.1f %8.1f   %zu\n", name, first, times[times.size() / 2], times.back(),
                    found);
        std::fflush(stdout);
    }

    template <typename F> static void wait(F condition)
    {
        QTimer again;
        again.start(50);
        while (!condition())
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }

private:
    void appendOne()
    {
        ++m_appended;
        m_store->append(message(m_appended, m_options, m_texts));
    }

    void take(HistoryReply &&reply)
    {
        if (const auto *opened = std::get_if<HistoryOpened>(&reply)) {
            m_opened = true;
            m_lastSeq = m_appended = m_committed = opened->lastSeq;
        } else if (const auto *committed = std::get_if<HistoryCommitted>(&reply)) {
            m_committed = committed->upToSeq;
        } else if (auto *read = std::get_if<HistoryPageRead>(&reply)) {
            m_page = std::move(read->page);
        } else if (const auto *refused = std::get_if<HistoryNotOpened>(&reply)) {
            qFatal("%s", qPrintable(refused->error.text));
        } else if (const auto *failing = std::get_if<HistoryFailing>(&reply)) {
            qFatal("%s", qPrintable(failing->text));
        }
    }

    Options m_options;
    Texts m_texts;
    QElapsedTimer m_clock;
    bool m_opened = false;
    quint64 m_lastSeq = 0;
    quint64 m_appended = 0;
    quint64 m_committed = 0;
    std::optional<Result<HistoryMessages>> m_page;
    QTimer m_tick;
    QElapsedTimer m_pace;
    quint64 m_paced = 0;
    std::unique_ptr<HistoryStore> m_store;
};

/// Waits until the number that `select` tells is so small.
void waitForNumber(const QString &url, const QString &select, qint64 most)
{
    HistoryDatabase database(HistoryLocation::fromUrl(url).value(), HistoryDatabase::Access::Read);
    if (auto error = database.open())
        qFatal("%s", qPrintable(error->text));
    while (database.number(select).value_or(0) > most) {
        QElapsedTimer pause;
        pause.start();
        Bench::wait([&] { return pause.hasExpired(100); });
    }
}

/// Seconds until everything that follows from the messages is done.
double waitForIndex(const QString &url)
{
    QElapsedTimer clock;
    clock.start();
    waitForNumber(
        url, u"SELECT (SELECT max(seq) FROM messages) - value FROM meta WHERE name = 'text_indexed'"_s, 0);
    return double(clock.elapsed()) / 1e3;
}

/// Deletes the oldest tenth.
void forget(HistoryConfig config, const Options &options)
{
    constexpr auto kBytes = "SELECT value FROM meta WHERE name = 'bytes'"_L1;
    config.maxBytes = options.messages * quint64(options.bytes) / 10 * 9;
    Bench bench(config, options);
    bench.open();
    QElapsedTimer clock;
    clock.start();
    waitForNumber(config.url, kBytes, qint64(config.maxBytes));
    std::printf("forgetting the oldest tenth: %.1f s\n", double(clock.elapsed()) / 1e3);
}

void readAll(Bench &bench, quint64 newest)
{
    const ClientId client(7);
    std::printf("%-44s %8s %8s %8s   %s\n", "milliseconds", "first", "median", "worst", "found");
    bench.read("newest page, operator", {});
    bench.read("newest page, one client", {.viewer = client});
    bench.read("newest page, what is delivered to a client", {.viewer = client, .deliveriesOnly = true});
    bench.read("newest page, one conversation", {.viewer = client, .with = std::vector{ClientId(8)}});
    bench.read("newest page, concerning two", {.concerning = std::vector{client, ClientId(9)}});
    bench.read("page in the middle, operator", {.before = newest / 2});
    bench.read("page in the middle, one client", {.viewer = client, .before = newest / 2});
    bench.read("catching up from the start, one client",
               {.viewer = client, .deliveriesOnly = true, .after = 0, .limit = 256});
    bench.read("catching up from the middle, one client",
               {.viewer = client, .deliveriesOnly = true, .after = newest / 2, .limit = 256});
    for (const auto &[who, viewer] :
         {std::pair("operator", std::optional<ClientId>()), std::pair("one client", std::optional(client))}) {
        // Named, because clang 14 does not let a lambda refer to structured bindings.
        const auto search = [&bench, who = who, viewer = viewer](const char *what, const QString &text) {
            bench.read(qPrintable(u"search, %1, %2"_s.arg(QLatin1StringView(what), QLatin1StringView(who))),
                       {.viewer = viewer, .text = text});
        };
        search("frequent word", u"frequently"_s);
        search("rare word", u"hippopotamus"_s);
        search("absent word", u"xylophone"_s);
        search("absent word of frequent parts", u"the tea eat tan ten"_s);
        search("two letters, frequent", u"et"_s);
        search("two letters, absent", u"qz"_s);
    }
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(u"Measures the history store."_s);
    parser.addHelpOption();
    parser.addOptions(
        {{u"messages"_s, u"How many it has."_s, u"N"_s, u"1000000"_s},
         {u"size"_s, u"Bytes of a body."_s, u"BYTES"_s, u"128"_s},
         {u"rate"_s, u"Messages a second that are written while it is read."_s, u"N"_s, u"10000"_s},
         {u"rounds"_s, u"How often each page is read."_s, u"N"_s, u"20"_s},
         {u"history"_s,
          u"An empty history, or one that this program has filled; a file in a scratch directory otherwise."_s,
          u"URL"_s},
         {u"dir"_s, u"Where to make the scratch directory."_s, u"DIR"_s}});
    parser.process(app);
    Options options;
    options.messages = parser.value(u"messages"_s).toULongLong();
    options.bytes = parser.value(u"size"_s).toLongLong();
    options.rate = parser.value(u"rate"_s).toDouble();
    options.rounds = std::max(1, parser.value(u"rounds"_s).toInt());

    const QTemporaryDir dir(
        parser.isSet(u"dir"_s) ? QString(parser.value(u"dir"_s) % u"/historyload-XXXXXX"_s) : QString());
    HistoryConfig config{.url = parser.value(u"history"_s)};
    if (config.url.isEmpty())
        config.url = dir.filePath(u"history.db"_s);
    {
        Bench bench(config, options);
        bench.open();
        if (bench.lastSeq() < options.messages) {
            const quint64 count = options.messages - bench.lastSeq();
            std::printf("%llu messages of %lld bytes: %.0f durable/s\n", count, qlonglong(options.bytes),
                        bench.fill(count));
        }
    }
    auto bench = std::make_unique<Bench>(config, options);
    const double took = bench->open();
    std::printf("open: %.1f ms, %llu messages\n", took, bench->lastSeq());
    std::printf("indexed after %.1f s more\n", waitForIndex(config.url));
    readAll(*bench, options.messages);
    if (options.rate > 0) {
        std::printf("while %.0f messages a second are written:\n", options.rate);
        bench->keepWriting();
        readAll(*bench, options.messages);
        bench->stopWriting();
    }
    bench.reset();
    forget(config, options);
    return 0;
}
