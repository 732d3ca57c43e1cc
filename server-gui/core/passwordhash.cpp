// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/passwordhash.h"

#include <sodium.h>

#include <array>

namespace wireroom {

namespace {

bool isReady()
{
    // May be called again, from any thread.
    static const bool ready = sodium_init() >= 0;
    return ready;
}

} // namespace

QByteArray passwordBytes(const QString &password)
{
    return password.normalized(QString::NormalizationForm_C).toUtf8();
}

QByteArray passwordHash(const QByteArray &bytes)
{
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (!isReady()
        || crypto_pwhash_str(hash.data(), bytes.constData(), quint64(bytes.size()),
                             crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE)
            != 0)
        return {};
    return QByteArray(hash.data());
}

bool isPasswordRight(const QByteArray &bytes, const QByteArray &hash)
{
    return isReady() && isPasswordHash(hash)
        && crypto_pwhash_str_verify(hash.constData(), bytes.constData(), quint64(bytes.size())) == 0;
}

bool isPasswordHash(const QByteArray &text)
{
    // It also says how dear the hash may be: a file could ask for all memory there is.
    return text.size() < qsizetype(crypto_pwhash_STRBYTES) && text.startsWith(crypto_pwhash_STRPREFIX)
        && crypto_pwhash_str_needs_rehash(text.constData(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                          crypto_pwhash_MEMLIMIT_INTERACTIVE)
        >= 0;
}

} // namespace wireroom
