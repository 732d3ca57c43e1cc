// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace wireroom {

/// What our programs end with; the numbers are those of BSD's sysexits.h.
enum ExitCode : int {
    ExitOk = 0,
    ExitUsage = 64,         ///< the command line makes no sense
    ExitUnavailable = 69,   ///< cannot connect, cannot listen, no display
    ExitInternal = 70,      ///< our own fault
    ExitConfiguration = 78, ///< a value or a file that the configuration names cannot be used
};

} // namespace wireroom
