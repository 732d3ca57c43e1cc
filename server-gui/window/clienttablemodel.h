// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"
#include "server-gui/window/clientrow.h"

#include <QAbstractTableModel>
#include <QElapsedTimer>
#include <QHash>
#include <QTimer>

#include <functional>
#include <limits>
#include <optional>
#include <vector>

namespace wireroom {

/// The clients as rows, fed with the server's batches: those who are connected, then the chat clients that
/// the server knows and that are not.
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
    using Column = ClientRow::Column;
    using enum ClientRow::Column;

    enum Role {
        StateRole = Qt::UserRole + 1, ///< int of ClientRow::State
        EncryptedRole,                ///< bool
    };

    /// Milliseconds since 1970 UTC.
    using Clock = std::function<qint64()>;

    explicit ClientTableModel(QObject *parent = nullptr);

    /// For tests; the wall clock otherwise.
    void setClock(Clock clock);

    void take(const ServerBatch &batch);
    void clear();

    /// Shows only clients with the text in their ID, name, state, address or format (any case). Empty shows
    /// all.
    void setFilterText(const QString &text);

    QString filterText() const { return m_filter; }

    /// All that are connected, shown or not.
    int connectedCount() const { return m_connected; }

    /// All that are known and not connected, shown or not.
    int offlineCount() const { return static_cast<int>(m_slotOf.size()) - m_connected; }

    std::optional<ClientId> clientAt(int row) const;
    /// The row where that client is shown, or -1.
    int rowOf(ClientId id) const;

    bool isConnected(ClientId id) const;

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
    /// After a batch or filter that may have changed how many are connected, known or shown.
    void countsChanged();

private:
    using Slot = qint32;

    /// What a batch did, gathered before any view hears of it.
    struct Changes
    {
        std::vector<Slot> candidates; ///< may have to be shown or hidden now
        std::vector<Slot> gone;       ///< neither connected nor known
        int firstRow = std::numeric_limits<int>::max();
        int lastRow = -1;
        bool order = false; ///< of rows, whatever they are sorted by
        bool formats = false;
        bool counters = false;

        void touch(int row);
    };

    void note(const ServerEvent &event, Changes &changes);
    void noteConnected(const ClientConnected &event, Changes &changes);
    void noteFormat(const ClientFormatKnown &event, Changes &changes);
    void noteSecured(const ClientSecured &event, Changes &changes);
    void noteNamed(const ClientNamed &event, Changes &changes);
    void noteKnown(const KnownClient &client, Changes &changes);
    void noteGone(const ClientDisconnected &event, Changes &changes);
    void noteForgotten(ClientId id, Changes &changes);
    void noteSlow(const ClientSlow &event, Changes &changes);
    void noteCounters(const ClientCounters &counters, Changes &changes);
    void noteWaiting(const WaitingCount &count, Changes &changes);
    void noteChanged(Slot slot, Changes &changes);
    void apply(Changes &changes);

    Slot addSlot(ClientId id, Changes &changes);
    Slot newSlot();

    ClientRow &at(Slot slot) { return m_clients[static_cast<size_t>(slot)]; }

    const ClientRow &at(Slot slot) const { return m_clients[static_cast<size_t>(slot)]; }

    int shownCount() const { return static_cast<int>(m_shown.size()); }

    bool isInUse(Slot slot) const;
    void hideRows(std::vector<int> rows);
    void removeRun(int first, int last);
    void showSlots(const std::vector<Slot> &arriving);
    void renumber();
    void reorder(std::vector<Slot> order);
    void sortNow();
    void sortSoon();

    Clock m_clock;
    std::vector<ClientRow> m_clients;
    std::vector<Slot> m_freeSlots;
    QHash<ClientId, Slot> m_slotOf;
    std::vector<Slot> m_shown;
    int m_connected = 0;

    QString m_filter;
    int m_sortColumn = IdColumn;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    QTimer m_sortTimer;
    QElapsedTimer m_sinceSort;
};

} // namespace wireroom
