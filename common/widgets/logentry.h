// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/recipients.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>

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

    /// How far a message of ours has got.
    struct Reach
    {
        quint32 recipients = 0; ///< of those who say that they have it; 0: nobody does
        quint32 delivered = 0;  ///< how many have said so
        bool isStored = false;
        std::vector<quint64> ids; ///< who has said so, up to kMostIds
        static constexpr size_t kMostIds = 64;
    };

    QDateTime time; ///< UTC; shown in local time
    Kind kind = Kind::Note;
    QString from; ///< as shown; empty for notes and errors
    QString to;
    quint64 clientId = 0; ///< for filtering: whom it concerns; 0 where it is nobody in particular
    std::vector<quint64> moreClientIds; ///< further clients it concerns, for a message to several
    bool toEveryone = false;            ///< it concerns every client
    quint64 seq = 0;                    ///< its number in the history; 0: not there (yet)
    QByteArray payload;

    bool isGap = false; ///< a note that messages are missing here
    Reach reach;

    bool isMessage() const { return kind == Kind::Incoming || kind == Kind::Outgoing; }

    /// It concerns one of these clients, at least.
    bool concerns(const Recipients &clients) const;
    /// Notes that a recipient has it; false where that was known.
    bool noteDelivered(quint64 id);

    // As shown.

    /// The time of day, or of another day its date.
    QString timeText(const QDate &today = QDate::currentDate()) const;
    QString sizeText() const;
    /// “stored”, “delivered 1 of 3” of a message of ours; empty where there is nothing to say.
    QString reachText(bool hasHistory) const;
};

} // namespace wireroom
