// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"
#include "common/widgets/logentry.h"
#include "common/widgets/textpattern.h"

#include <QAbstractTableModel>
#include <QHash>

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace wireroom {

/// The newest rows of a message log, filtered.
///
/// Where there is a history, older messages are put in front: those that continue the rows, and while there
/// is a filter those that were found far behind them, which go again with that filter. A message of the
/// history is there once, known by its seq.
///
/// Owner: the window. Thread: GUI. Bounded: beyond Limits the oldest rows go, while totals() keeps counting.
/// Rows come in batches; a batch costs one removal at the front and one insertion at the end at most, and a
/// change of the filter one pass over what is stored. Text is made from payloads only for the cells that are
/// looked at.
class MessageLogModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { TimeColumn, FromColumn, ToColumn, SizeColumn, MessageColumn, ColumnCount };

    enum Role {
        KindRole = Qt::UserRole + 1, ///< int of LogEntry::Kind
        PayloadRole,                 ///< QByteArray
        ClientIdRole,                ///< quint64
        PlainTextRole,               ///< bool: the payload is shown as text
        ReachRole,                   ///< QString: how far our message has got
    };

    struct Limits
    {
        qsizetype rows = 100'000;
        quint64 payloadBytes = 64u * 1024 * 1024;
    };

    /// Since the model was created or cleared, without regard to the filter.
    struct Totals
    {
        quint64 rows = 0;         ///< ever appended
        quint64 droppedRows = 0;  ///< of those, no longer stored
        quint64 payloadBytes = 0; ///< ever appended
    };

    explicit MessageLogModel(QObject *parent = nullptr);
    MessageLogModel(Limits limits, QObject *parent);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    /// Appends a batch, oldest first; drops from the front what is too much.
    void append(std::vector<LogEntry> &&batch);

    enum class Older {
        Continuing, ///< all that there is before the first row; while there is no filter
        Found,      ///< what the filter wants, of all that there is before the first row
    };

    /// Puts messages of the history in front, oldest first; as many of the newest as there is room for.
    void prepend(std::vector<LogEntry> &&older, Older kind);
    bool hasRoom() const;
    /// What the filter hides in the rows is asked of the history: rows before a gap stay hidden then.
    void setHistory(bool isThere);

    bool hasHistory() const { return m_hasHistory; }

    /// From here on, seqs have nothing to do with those before.
    void beginAnew();
    /// What is in the history before this is not here. Nothing: no row has a number.
    std::optional<quint64> oldestSeq() const;

    /// Rows that were found for the filter, before all others.
    int foundRows() const { return static_cast<int>(m_found); }

    void setStored(quint64 seq);
    void setDelivered(quint64 seq, quint64 id);

    void clear();

    /// Shows only rows that concern these clients; nothing: all rows.
    void setClientFilter(std::optional<Recipients> clients);
    /// Shows only rows whose payload, as it is shown (text, or hex), contains this in any case; empty: all
    /// rows.
    void setTextFilter(const QString &text);

    const std::optional<Recipients> &clientFilter() const { return m_clientFilter; }

    const QString &textFilter() const { return m_textFilter; }

    bool isFiltered() const { return m_clientFilter || !m_textFilter.isEmpty(); }

    /// The entry of a shown row. Valid until the model changes.
    const LogEntry &entry(int row) const;
    /// A number that a stored entry keeps while rows before it go; for entryBySerial().
    quint64 serial(int row) const;
    /// The entry with that number, or nullptr when it was dropped.
    const LogEntry *entryBySerial(quint64 serial) const;

    const Totals &totals() const { return m_totals; }

    qsizetype storedRows() const { return static_cast<qsizetype>(m_entries.size()); }

    quint64 storedPayloadBytes() const { return m_storedBytes; }

Q_SIGNALS:
    void filterChanged();
    /// After a batch or a clear(), also when no shown row has changed. Not for a change of the filter.
    void totalsChanged();

private:
    /// Older entries get smaller ones.
    static constexpr quint64 kMiddleSerial = quint64{1} << 62;

    /// An entry and what was found out about it when it was first looked at.
    struct Stored
    {
        LogEntry entry;
        enum class Text : quint8 { Unknown, Yes, No };
        mutable Text text = Text::Unknown;
        bool isText() const;
    };

    const Stored &stored(int row) const;
    std::optional<quint64> serialOfFound(quint64 seq) const;
    int rowOf(quint64 serial) const;
    void changeReach(quint64 seq, const std::function<bool(LogEntry &)> &change);
    void forgetFound();
    bool matches(const Stored &stored, quint64 serial) const;
    void refilter();
    void drop(qsizetype count);

    Limits m_limits;
    Totals m_totals;
    std::deque<Stored> m_entries;
    quint64 m_firstSerial = kMiddleSerial; ///< of m_entries.front()
    size_t m_found = 0;                    ///< how many of the first entries were found for the filter
    quint64 m_gapSerial = 0;               ///< of the last gap
    QHash<quint64, quint64> m_serialOfSeq; ///< of all other messages of the history
    bool m_hasHistory = false;
    quint64 m_storedBytes = 0;
    std::deque<quint64> m_shown; ///< serials of the shown rows, ascending; only used while filtered
    std::optional<Recipients> m_clientFilter;
    QString m_textFilter;
    TextPattern m_pattern; ///< of m_textFilter
};

} // namespace wireroom
