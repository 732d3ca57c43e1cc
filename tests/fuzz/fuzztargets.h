// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArrayView>
#include <QString>

#include <span>

namespace wireroom::fuzz {

/// Bytes that nobody vouches for, in; a crash of the program where Wireroom does not do with them what it
/// promises. Each of these is run by libFuzzer, and by tst_corpora over all inputs that are kept.
struct Target
{
    const char *name;
    void (*run)(QByteArrayView input);
};

std::span<const Target> targets();

/// Which bytes belong to which format, and how many decide.
void runDetector(QByteArrayView input);

/// Frames in any format, under any limit, in any pieces: the same as a decoder finds that is too simple to be
/// wrong.
void runDecoder(QByteArrayView input);

/// What decodes as a message of the chat protocol encodes and decodes to the same again.
void runCodec(QByteArrayView input);

/// Chat clients that say anything in any order to a server: each gets the answer that the protocol names, and
/// nobody else's connection suffers.
void runSession(QByteArrayView input);

/// Ends the program, with what was found.
[[noreturn]] void found(const char *file, int line, const QString &what);

} // namespace wireroom::fuzz

#define WIREROOM_FUZZ_CHECK(condition, what)                                                                 \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            ::wireroom::fuzz::found(__FILE__, __LINE__, what);                                               \
    } while (false)
