// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"
#include "common/widgets/textpattern.h"

#include <QAbstractTableModel>
#include <QByteArray>
#include <QDateTime>
#include <QString>

#include <deque>
#include <optional>
#include <vector>

namespace wireroom {

/// One row of a message log. A value.
struct LogEntry
{
    enum class Kind : quint8 {
        Incoming, ///< somebody's message to us
        Outgoing, ///< our message
        Note,     ///< something that happened; the payload is a sentence in UTF-8
        Error,    ///< something that went wrong; the payload is a sentence in UTF-8
    };

    QDateTime time; ///< UTC; shown in local time
    Kind kind = Kind::Note;
    QString from; ///< as shown; empty for notes and errors
    QString to;
    quint64 clientId = 0; ///< for filtering: whom it concerns; 0 where it is nobody in particular
    std::vector<quint64> moreClientIds; ///< further clients it concerns, for a message to several
    bool toEveryone = false; ///< it concerns every client
    quint64 seq = 0;         ///< its number in the history; 0: not there (yet)
    QByteArray payload;

    bool isMessage() const { return kind == Kind::Incoming || kind == Kind::Outgoing; }
};

/// The newest rows of a message log, filtered.
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
    /// After a batch or a clear(), also when no shown row has changed. Not for a change of the filter.
    void totalsChanged();

private:
    /// An entry and what was found out about it when it was first looked at.
    struct Stored
    {
        LogEntry entry;
        enum class Text : quint8 { Unknown, Yes, No };
        mutable Text text = Text::Unknown;
        bool isText() const;
    };

    const Stored &stored(int row) const;
    bool matches(const Stored &stored) const;
    void refilter();
    void drop(qsizetype count);

    Limits m_limits;
    Totals m_totals;
    std::deque<Stored> m_entries;
    quint64 m_firstSerial = 0; ///< of m_entries.front()
    quint64 m_storedBytes = 0;
    std::deque<quint64> m_shown; ///< serials of the shown rows, ascending; only used while filtered
    std::optional<Recipients> m_clientFilter;
    QString m_textFilter;
    TextPattern m_pattern; ///< of m_textFilter
};

} // namespace wireroom
