// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/faultoptions.h"

using namespace Qt::StringLiterals;

namespace wireroom::faults {

namespace {

constexpr qint64 kLargest = 1'000'000'000;

std::optional<qint64> toNumber(QStringView text, qint64 least)
{
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber);
    return isNumber && number >= least && number <= kLargest ? std::optional(number) : std::nullopt;
}

std::optional<ByteRange> toRange(QStringView text)
{
    const qsizetype dash = text.indexOf(u'-');
    const auto least = toNumber(dash < 0 ? text : text.first(dash), 0);
    const auto most = dash < 0 ? least : toNumber(text.sliced(dash + 1), 0);
    if (!least || !most || *most < *least)
        return {};
    return ByteRange{quint64(*least), quint64(*most)};
}

bool set(DirectionFaults &faults, QStringView name, QStringView value)
{
    const auto number = [&](qint64 &member) {
        const auto found = toNumber(value, 1);
        member = found.value_or(0);
        return found.has_value();
    };
    const auto range = [&](std::optional<ByteRange> &member) {
        member = toRange(value);
        return member.has_value();
    };
    if (name == "delay"_L1) {
        const qsizetype tilde = value.indexOf(u'~');
        const auto delay = toNumber(tilde < 0 ? value : value.first(tilde), 0);
        const auto jitter = tilde < 0 ? std::optional<qint64>(0) : toNumber(value.sliced(tilde + 1), 0);
        faults.delayMs = delay.value_or(0);
        faults.jitterMs = jitter.value_or(0);
        return delay && jitter;
    }
    if (name == "split"_L1)
        return number(faults.splitMost);
    if (name == "glue"_L1)
        return number(faults.glueMs);
    if (name == "drip"_L1)
        return number(faults.dripPerSecond);
    if (name == "cut"_L1)
        return range(faults.cut);
    if (name == "reset"_L1)
        return range(faults.reset);
    if (name == "half-close"_L1)
        return range(faults.halfClose);
    if (name == "black-hole"_L1) {
        const qsizetype comma = value.indexOf(u',');
        const auto time = comma < 0 ? std::optional<qint64>(0) : toNumber(value.sliced(comma + 1), 1);
        faults.blackHole = toRange(comma < 0 ? value : value.first(comma));
        faults.blackHoleMs = time.value_or(0);
        return faults.blackHole && time;
    }
    if (name == "bit-flip"_L1) {
        bool isNumber = false;
        faults.flipChance = value.toDouble(&isNumber);
        return isNumber && faults.flipChance >= 0 && faults.flipChance <= 1;
    }
    return false;
}

} // namespace

Result<bool> setFault(FaultOptions &options, QStringView name, QStringView value)
{
    const bool isUp = value.startsWith("up:"_L1);
    const bool isDown = value.startsWith("down:"_L1);
    const QStringView rest = value.sliced(isUp ? 3 : isDown ? 5 : 0);
    if ((isDown || set(options.up, name, rest)) && (isUp || set(options.down, name, rest)))
        return true;
    return Error{Error::Code::BadInput, u"“%1” is no value for --%2."_s.arg(value, name)};
}

} // namespace wireroom::faults
