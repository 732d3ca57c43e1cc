// SPDX-License-Identifier: Apache-2.0
#include "common/base/foldedname.h"

#include <QList>

#include <algorithm>
#include <utility>

namespace wireroom {

namespace {

/// Unicode's Default_Ignorable_Code_Point.
constexpr std::pair<uint, uint> kIgnorable[] = {
    {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},   {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfff8}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool isIgnorable(uint character)
{
    return std::ranges::any_of(kIgnorable, [character](const auto &range) {
        return character >= range.first && character <= range.second;
    });
}

QString foldedOnce(const QString &name)
{
    // By way of upper case, as Qt folds one character into one only: ß is SS.
    QList<uint> characters = name.normalized(QString::NormalizationForm_KC).toUpper().toCaseFolded().toUcs4();
    characters.removeIf(isIgnorable);
    const QString seen
        = QString::fromUcs4(reinterpret_cast<const char32_t *>(characters.constData()), characters.size());
    return seen.normalized(QString::NormalizationForm_KC).simplified();
}

} // namespace

QString foldedName(const QString &name)
{
    // What is ignored may have kept two characters apart that compose.
    return foldedOnce(foldedOnce(name));
}

} // namespace wireroom
