// SPDX-License-Identifier: Apache-2.0
// How the server's window bears a flood: batches as the server hands them out, made in another thread, shown
// in the real window, while a person types. Prints the longest time that the event loop was away, the share
// of a core that the GUI thread took, how long keys took, and the memory. It ends with 1 where a message was
// not counted or a key was lost.
#include "common/base/heap.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/numbertext.h"
#include "server-gui/window/serverwindow.h"
#include "tests/benchmarks/windowbatches.h"
#include "tests/benchmarks/windowwatch.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QLabel>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

/// What the window was given, counted where it was handed over.
struct Given
{
    quint64 messages = 0;
    quint64 rows = 0; ///< of the log; each event here is one
    quint64 clients = 0;

    void add(const ServerBatch &batch)
    {
        rows += batch.events.size();
        for (const ServerEvent &event : batch.events) {
            messages += std::holds_alternative<MessagePassed>(event) ? 1 : 0;
            clients += std::holds_alternative<ClientConnected>(event) ? 1 : 0;
            clients -= std::holds_alternative<ClientDisconnected>(event) ? 1 : 0;
        }
    }
};

bool printCounts(const ServerWindow &window, const Given &given, double seconds)
{
    const auto *log = window.findChild<MessageLogModel *>();
    const auto *totals = window.findChild<QLabel *>(u"totals"_s);
    const auto *label = window.findChild<QLabel *>(u"clientsCount"_s);
    const QString expected = u"In %1 · "_s.arg(countText(given.messages));
    const bool isCounted = waitUntil([&] {
        return totals->text().startsWith(expected)
            && label->text().startsWith(QString(countText(given.clients) % u' '));
    });
    const auto rows = log->totals().rows;
    const auto kept = static_cast<quint64>(log->storedRows());
    const auto dropped = log->totals().droppedRows;
    std::printf("messages: %llu handed over, %.0f/s; the window says: %s\n",
                static_cast<unsigned long long>(given.messages),
                static_cast<double>(given.messages) / seconds, qPrintable(totals->text()));
    std::printf("clients: %llu are left; the window says: %s\n",
                static_cast<unsigned long long>(given.clients), qPrintable(label->text()));
    std::printf("log: %llu rows handed over, %llu taken: %llu kept and %llu dropped from its front\n",
                static_cast<unsigned long long>(given.rows), static_cast<unsigned long long>(rows),
                static_cast<unsigned long long>(kept), static_cast<unsigned long long>(dropped));
    return isCounted && rows == given.rows && kept + dropped == rows;
}

} // namespace

int main(int argc, char *argv[])
{
    keepFreedMemory();
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);

    const QCommandLineOption seconds(u"seconds"_s, u"How long"_s, u"N"_s, u"10"_s);
    const QCommandLineOption messages(u"messages"_s, u"Messages a second"_s, u"N"_s, u"100000"_s);
    const QCommandLineOption clients(u"clients"_s, u"Clients"_s, u"N"_s, u"10000"_s);
    const QCommandLineOption churn(u"churn"_s, u"Clients that come and go a second"_s, u"N"_s, u"1000"_s);
    const QCommandLineOption counters(u"counters"_s, u"Clients whose counters change, a batch"_s, u"N"_s,
                                      u"5000"_s);
    const QCommandLineOption sortColumn(u"sort"_s, u"Column that the clients are sorted by"_s, u"N"_s,
                                        u"0"_s);
    const QCommandLineOption selectAll(u"select-all"_s, u"With all clients selected"_s);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions({seconds, messages, clients, churn, counters, sortColumn, selectAll});
    parser.process(application);
    const WindowLoad load{parser.value(messages).toULongLong(), parser.value(clients).toULongLong(),
                          parser.value(churn).toULongLong(), parser.value(counters).toULongLong()};

    const QTemporaryDir settingsDir;
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settingsDir.path());
    ServerWindow window;
    window.resize(1280, 900);
    window.show();
    auto *table = window.findChild<QTableView *>(u"clients"_s);
    table->sortByColumn(parser.value(sortColumn).toInt(), Qt::DescendingOrder);

    WindowBatches batches(load);
    Given given;
    const ServerBatch first = batches.take();
    given.add(first);
    Q_EMIT window.server()->batchReady(first);
    if (parser.isSet(selectAll))
        table->selectAll();
    QApplication::processEvents();

    Times takings;
    double takingMs = 0;
    QTimer feed;
    feed.setTimerType(Qt::PreciseTimer);
    QObject::connect(&feed, &QTimer::timeout, &feed, [&] {
        const ServerBatch batch = batches.take();
        given.add(batch);
        QElapsedTimer took;
        took.start();
        Q_EMIT window.server()->batchReady(batch);
        takings.add(took.nsecsElapsed());
        takingMs += static_cast<double>(took.nsecsElapsed()) / 1e6;
    });
    QTimer::singleShot(parser.value(seconds).toInt() * 1000, Qt::PreciseTimer, &application,
                       &QApplication::quit);

    MemoryWatch memory;
    LoopWatch loop;
    memory.start();
    loop.start();
    feed.start(WindowLoad::kBatchMs);
    Typist typist(window.findChild<QPlainTextEdit *>(u"message"_s));
    QApplication::exec();
    loop.stop();
    const qint64 endKib = residentKib();
    feed.stop();
    typist.stop();
    const bool isTyped = waitUntil([&typist] { return typist.isDone(); }) && typist.isRight();

    const double wall = loop.wallSeconds();
    std::printf("%.1f s, %zu batches (%.1f/s), %d clients shown\n", wall, takings.count(),
                static_cast<double>(takings.count()) / wall, table->model()->rowCount());
    printLoop(loop);
    std::printf("taking a batch: longest %.1f ms, mean %.1f ms\n", takings.quantile(1),
                takingMs / static_cast<double>(std::max<size_t>(takings.count(), 1)));
    printTyping(typist.latencies(), isTyped);
    printMemory(memory, endKib);
    const bool isCounted = printCounts(window, given, wall);
    if (!isCounted)
        std::printf("THE COUNTS DIFFER\n");
    return isCounted && isTyped ? 0 : 1;
}
