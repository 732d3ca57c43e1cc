// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ids.h"
#include "common/base/result.h"

#include <QStringView>

#include <vector>

namespace wireroom {

/// To whom a message goes: some IDs, everyone, or everyone but some. A value; ranges stay ranges, so
/// `1-4000000000` costs what `1` costs.
///
/// Text forms: `all`, `1`, `1,3,5-8`, `all except 2,4` (also `all but 2`, and `!2,4` where no blank may
/// stand).
class Recipients
{
public:
    struct Range
    {
        quint64 first = 0;
        quint64 last = 0;
        friend bool operator==(const Range &, const Range &) = default;
    };

    static Recipients everyone();
    static Recipients only(const std::vector<ClientId> &ids);

    /// Reads a text form. Refuses what is empty, not a number, 0, a range that runs backwards, or no words we
    /// know; the error's text quotes the part that is wrong.
    static Result<Recipients> parse(QStringView text);

    /// True for `all` and `all except …`.
    bool isEveryone() const { return m_everyone; }

    bool contains(ClientId id) const;

    /// Sorted, without overlap: who is meant, or with isEveryone() who is left out.
    const std::vector<Range> &ranges() const { return m_ranges; }

    /// The shortest text form; parse() of it gives the same value.
    QString toString() const;

    friend bool operator==(const Recipients &, const Recipients &) = default;

private:
    bool m_everyone = false;
    std::vector<Range> m_ranges;
};

} // namespace wireroom
