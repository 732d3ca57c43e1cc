// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace wireroom {

/// What our programs end with; the numbers are those of BSD's sysexits.h.
enum ExitCode : int {
    ExitOk = 0,
    ExitUsage = 64,         ///< the command line makes no sense
    ExitDataError = 65,     ///< EX_DATAERR: a message that cannot be sent as it is
    ExitNoUser = 67,        ///< EX_NOUSER: an ID that nobody has
    ExitUnavailable = 69,   ///< cannot connect, cannot listen, no display
    ExitInternal = 70,      ///< our own fault
    ExitTemporary = 75,     ///< EX_TEMPFAIL: not done in time; it may still be
    ExitNoPermission = 77,  ///< EX_NOPERM: the server wants a password, or another one
    ExitConfiguration = 78, ///< a value or a file that the configuration names cannot be used
};

} // namespace wireroom
