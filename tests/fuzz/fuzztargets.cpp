// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzztargets.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace wireroom::fuzz {

std::span<const Target> targets()
{
    static constexpr std::array all{
        Target{"detector", runDetector},
        Target{"decoder", runDecoder},
        Target{"codec", runCodec},
        Target{"session", runSession},
    };
    return all;
}

void found(const char *file, int line, const QString &what)
{
    std::fprintf(stderr, "%s:%d: %s\n", file, line, qPrintable(what));
    std::abort();
}

} // namespace wireroom::fuzz
