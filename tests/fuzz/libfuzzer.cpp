// SPDX-License-Identifier: Apache-2.0
//
// One target as a libFuzzer program; which one is WIREROOM_FUZZ_TARGET.
#include "tests/fuzz/fuzztargets.h"

#include <QCoreApplication>

#include <cstdint>
#include <ctime>

using namespace Qt::StringLiterals;

namespace {

#ifdef WIREROOM_FUZZ_HANG_MS
qint64 processorMs()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}
#endif

} // namespace

extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static QCoreApplication app(*argc, *argv);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    const QByteArrayView input(bytes, qsizetype(size));
#ifdef WIREROOM_FUZZ_HANG_MS
    // libFuzzer counts whole seconds on the clock of the wall.
    const qint64 began = processorMs();
    wireroom::fuzz::WIREROOM_FUZZ_TARGET(input);
    const qint64 took = processorMs() - began;
    WIREROOM_FUZZ_CHECK(took <= WIREROOM_FUZZ_HANG_MS, u"one input took %1 ms"_s.arg(took));
#else
    wireroom::fuzz::WIREROOM_FUZZ_TARGET(input);
#endif
    return 0;
}
