// SPDX-License-Identifier: Apache-2.0
#include "server-gui/core/passwordgate.h"

#include "common/base/foldedname.h"
#include "server-gui/core/passwordhash.h"

#include <QHostAddress>
#include <QMessageAuthenticationCode>
#include <QRandomGenerator>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// While the queue is full.
constexpr std::chrono::milliseconds kBusyWait{2'000};

Error noMemory()
{
    return {Error::Code::Internal, u"There is not memory enough to hash the password."_s};
}

} // namespace

PasswordGate::PasswordGate(Handler handler)
    : m_handler(std::move(handler)), m_thread([this](const PasswordThread::Done &done) { onDone(done); })
{
    std::array<quint32, 8> words;
    QRandomGenerator::system()->fillRange(words.data(), qsizetype(words.size()));
    m_digestKey = QByteArray(reinterpret_cast<const char *>(words.data()), sizeof(words));
}

std::optional<Error> PasswordGate::open(const ServerConfig &config)
{
    m_attempts.clear();
    m_rightDigest.clear();
    const Result<RoomPassword> kept = loadRoomPassword(config.dataDir);
    if (!config.password) {
        if (!kept)
            return kept.error();
        m_password = kept.value();
        return {};
    }
    if (config.password->isEmpty())
        return use(config.dataDir, {});
    const QByteArray bytes = passwordBytes(*config.password);
    const bool isHash = isPasswordHash(bytes);
    const bool isKept
        = kept && (isHash ? bytes == kept.value().hash : isPasswordRight(bytes, kept.value().hash));
    if (isKept) {
        m_password = kept.value();
        return {};
    }
    const QByteArray hash = isHash ? bytes : passwordHash(bytes);
    return hash.isEmpty() ? noMemory() : use(config.dataDir, newRoomPassword(hash));
}

PasswordGate::Answer PasswordGate::check(ClientId id, const QString &address, const QString &name,
                                         const QString &password)
{
    Attempt attempt{id, addressKey(address), foldedName(name), passwordBytes(password)};
    const Clock::time_point now = Clock::now();
    const auto wait = std::max(m_addresses.delay(attempt.address, now), m_names.delay(attempt.name, now));
    if (wait.count() > 0)
        return {Verdict::TooMany, wait, m_addresses.failures(attempt.address)};
    if (!m_rightDigest.isEmpty() && digest(attempt.bytes) == m_rightDigest)
        return right(attempt);
    m_addresses.begin(attempt.address, now);
    m_names.begin(attempt.name, now);
    if (!m_rightDigest.isEmpty())
        return {Verdict::Wrong, {}, m_addresses.failures(attempt.address)};
    const quint64 job = ++m_lastJob;
    if (!m_thread.check(job, attempt.bytes, m_password.hash)) {
        m_addresses.undo(attempt.address);
        m_names.undo(attempt.name);
        return {Verdict::TooMany, kBusyWait, m_addresses.failures(attempt.address)};
    }
    m_attempts.emplace(job, std::move(attempt));
    return {Verdict::Pending, {}, 0};
}

void PasswordGate::forget(ClientId id)
{
    for (auto attempt = m_attempts.begin(); attempt != m_attempts.end();) {
        if (attempt->second.id == id) {
            m_thread.forget(attempt->first);
            attempt = m_attempts.erase(attempt);
        } else {
            ++attempt;
        }
    }
}

void PasswordGate::set(const QString &dataDir, const QString &password,
                       std::function<void(const std::optional<Error> &)> done)
{
    if (password.isEmpty()) {
        done(use(dataDir, {}));
        return;
    }
    const QByteArray bytes = passwordBytes(password);
    if (isPasswordHash(bytes)) {
        done(use(dataDir, newRoomPassword(bytes)));
        return;
    }
    const quint64 job = ++m_lastJob;
    m_changes.emplace(job, Change{dataDir, std::move(done)});
    m_thread.hash(job, bytes);
}

QString PasswordGate::addressKey(const QString &address)
{
    const QHostAddress host(address);
    bool isIpv4 = false;
    const quint32 ipv4 = host.toIPv4Address(&isIpv4);
    if (isIpv4)
        return QHostAddress(ipv4).toString();
    if (host.protocol() != QAbstractSocket::IPv6Protocol)
        return address;
    Q_IPV6ADDR bytes = host.toIPv6Address();
    std::fill(bytes.c + 8, bytes.c + 16, quint8(0));
    return QHostAddress(bytes).toString();
}

void PasswordGate::onDone(const PasswordThread::Done &done)
{
    if (const auto change = m_changes.extract(done.job)) {
        const Change &c = change.mapped();
        c.done(done.hash.isEmpty() ? noMemory() : use(c.dataDir, newRoomPassword(done.hash)));
        return;
    }
    const auto found = m_attempts.extract(done.job);
    if (!found)
        return;
    const Attempt &attempt = found.mapped();
    if (done.isRight) {
        m_rightDigest = digest(attempt.bytes);
        m_addresses.undo(attempt.address);
        m_names.undo(attempt.name);
        m_handler(attempt.id, right(attempt));
    } else {
        m_handler(attempt.id, {Verdict::Wrong, {}, m_addresses.failures(attempt.address)});
    }
}

std::optional<Error> PasswordGate::use(const QString &dataDir, const RoomPassword &password)
{
    const Result<RoomPassword> saved = saveRoomPassword(dataDir, password);
    if (!saved)
        return saved.error();
    m_password = password;
    m_rightDigest.clear();
    // Those at work were compared with the password of before.
    for (const auto &[job, attempt] : std::exchange(m_attempts, {})) {
        m_thread.forget(job);
        m_handler(attempt.id, {Verdict::TooMany, kBusyWait, m_addresses.failures(attempt.address)});
    }
    return {};
}

PasswordGate::Answer PasswordGate::right(const Attempt &attempt)
{
    // The address is not forgiven all: others behind it may be guessing.
    m_names.forgive(attempt.name);
    return {Verdict::Right, {}, m_addresses.failures(attempt.address)};
}

QByteArray PasswordGate::digest(const QByteArray &bytes) const
{
    return QMessageAuthenticationCode::hash(bytes, m_digestKey, QCryptographicHash::Sha256);
}

} // namespace wireroom
