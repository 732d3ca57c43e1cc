// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"

#include <QAbstractTableModel>
#include <QElapsedTimer>
#include <QHash>
#include <QTimer>

#include <array>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

namespace wireroom {

/// The connected clients as rows, fed with the server's batches.
///
/// Filters and sorts itself: a batch costs what changed in it, not what is shown, and the order is made anew
/// at most once a second, because rows that jump with every counter can neither be read nor clicked. A row is
/// a place in m_shown that names a slot in m_clients; slots do not move, so the index from ID to slot stays
/// valid while rows do.
///
/// Owner: the clients panel. Thread: main.
class ClientTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        IdColumn,
        NameColumn,
        AddressColumn,
        FormatColumn,
        ConnectedForColumn,
        LastSeenColumn,
        FramesInColumn,
        FramesOutColumn,
        BytesInColumn,
        BytesOutColumn,
        QueuedColumn,
        ColumnCount
    };

    /// Milliseconds since 1970 UTC.
    using Clock = std::function<qint64()>;

    explicit ClientTableModel(QObject *parent = nullptr);

    /// For tests; the wall clock otherwise.
    void setClock(Clock clock);

    void take(const ServerBatch &batch);
    void clear();

    /// Shows only clients whose ID, address or format contains the text (any case). Empty shows all.
    void setFilterText(const QString &text);

    QString filterText() const { return m_filter; }

    /// All that are connected, shown or not.
    int clientCount() const { return static_cast<int>(m_slotOf.size()); }

    std::optional<ClientId> clientAt(int row) const;
    /// The row where that client is shown, or -1.
    int rowOf(ClientId id) const;

    bool isConnected(ClientId id) const { return m_slotOf.contains(id); }

    /// Tells views that the columns which count time read differently now. For the rows on the screen, once a
    /// second.
    void refreshTimes(int firstRow, int lastRow);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// Takes effect at once.
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    /// After a batch or filter that changed how many are connected or shown.
    void countsChanged(int connected, int shown);

private:
    using Slot = qint32;

    static constexpr qint64 kNever = std::numeric_limits<qint64>::min();

    struct Client
    {
        ClientId id;
        QString address;                     ///< with port
        std::array<quint8, 18> addressKey{}; ///< orders addresses as numbers: 16 bytes IPv6, 2 bytes port
        FrameFormat format = FrameFormat::Auto;
        bool formatFound = false; ///< the server was to find it out
        bool formatDetected = false;
        int row = -1; ///< -1: not shown
        qint64 connectedAt = 0;
        qint64 lastSeen = kNever;
        quint64 framesIn = 0;
        quint64 framesOut = 0;
        quint64 bytesIn = 0;
        quint64 bytesOut = 0;
        quint64 queuedBytes = 0;
    };

    /// What a batch did, gathered before any view hears of it.
    struct Changes
    {
        std::vector<Slot>
            candidates;         ///< may have to be shown now: new, or with a new format while a filter is set
        std::vector<Slot> gone; ///< no longer connected
        int firstRow = std::numeric_limits<int>::max();
        int lastRow = -1;
        bool formats = false;
        bool counters = false;

        void touch(int row);
    };

    /// Whatever the column, an order of numbers; the ID decides between equals, so that the order is always
    /// the same.
    struct SortKey
    {
        std::array<quint64, 3> value{};
        ClientId id;
        Slot slot = 0;
    };

    void noteConnected(const ClientConnected &event, Changes &changes);
    void noteFormat(const ClientFormatKnown &event, Changes &changes);
    void noteGone(ClientId id, Changes &changes);
    void noteCounters(const ClientCounters &counters, Changes &changes);
    void apply(Changes &changes);

    Slot newSlot();

    Client &at(Slot slot) { return m_clients[static_cast<size_t>(slot)]; }

    const Client &at(Slot slot) const { return m_clients[static_cast<size_t>(slot)]; }

    int shownCount() const { return static_cast<int>(m_shown.size()); }

    bool matches(const Client &client) const;
    void hideRows(std::vector<int> rows);
    void removeRun(int first, int last);
    void showSlots(const std::vector<Slot> &arriving);
    void renumber();
    void reorder(std::vector<Slot> order);
    void sortNow();
    void sortSoon();
    SortKey sortKey(Slot slot) const;

    QString display(const Client &client, int column) const;
    QString toolTip(const Client &client, int column) const;
    QString formatText(const Client &client) const;

    Clock m_clock;
    std::vector<Client> m_clients;
    std::vector<Slot> m_freeSlots;
    QHash<ClientId, Slot> m_slotOf;
    std::vector<Slot> m_shown;

    QString m_filter;
    int m_sortColumn = IdColumn;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    QTimer m_sortTimer;
    QElapsedTimer m_sinceSort;
};

} // namespace wireroom
