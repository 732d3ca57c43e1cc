// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/historystore.h"

#include "common/base/inbox.h"
#include "common/transport/networkthread.h"
#include "server-gui/core/historyreader.h"
#include "server-gui/core/historywriter.h"

#include <QHash>

using namespace Qt::StringLiterals;

namespace wireroom {

class HistoryStore::Private
{
public:
    Private(const HistoryConfig &config, Handler theHandler)
        : handler(std::move(theHandler)), inbox([this](std::vector<HistoryReply> &&replies) {
              for (HistoryReply &reply : replies)
                  handler(std::move(reply));
          }),
          readerThread(u"history reader"_s,
                       [this, config] {
                           return std::make_unique<HistoryReader>(
                               config.url, [this](HistoryReply &&reply) { inbox.post(std::move(reply)); });
                       }),
          writerThread(u"history writer"_s, [this, config] {
              return std::make_unique<HistoryWriter>(
                  config,
                  [this](const Result<bool> &opened) {
                      readerThread.worker().post(HistoryReader::Opened{opened});
                  },
                  [this](HistoryReply &&reply) { inbox.post(std::move(reply)); });
          })
    {
    }

    ~Private()
    {
        // The writer first: when it opens, it tells the reader.
        writerThread.worker().post(HistoryWriter::Stop{});
        writerThread.join();
        readerThread.worker().post(HistoryReader::Stop{});
        readerThread.join();
    }

    Handler handler;
    Inbox<HistoryReply> inbox;
    QHash<ClientId, quint64> ackedSeqs; ///< since the start; the database is behind
    NetworkThread<HistoryReader> readerThread;
    NetworkThread<HistoryWriter> writerThread;
};

HistoryStore::HistoryStore(const HistoryConfig &config, Handler handler)
    : d(std::make_unique<Private>(config, std::move(handler)))
{
}

HistoryStore::~HistoryStore() = default;

void HistoryStore::append(HistoryMessage message)
{
    d->writerThread.worker().post(std::move(message));
}

void HistoryStore::saveAccount(Account account)
{
    d->writerThread.worker().post(std::move(account));
}

void HistoryStore::saveProgress(ClientId id, quint64 ackedSeq, qint64 lastSeen)
{
    d->ackedSeqs[id] = ackedSeq;
    d->writerThread.worker().post(HistoryProgress{id, ackedSeq, lastSeen});
}

void HistoryStore::read(HistoryRequest request)
{
    d->readerThread.worker().post(std::move(request));
}

void HistoryStore::countWaiting()
{
    d->readerThread.worker().post(HistoryReader::CountWaiting{d->ackedSeqs});
}

} // namespace wireroom
