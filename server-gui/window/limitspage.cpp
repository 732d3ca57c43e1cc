// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/limitspage.h"

#include <QSpinBox>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr quint64 kKib = 1024;
constexpr int kMostClients = 1'000'000;
constexpr int kMostFrameSeconds = 3600;

/// Rounded up, so that opening and accepting the dialog never lowers a limit.
int toKib(quint64 bytes)
{
    const quint64 kib = bytes / kKib + (bytes % kKib != 0 ? 1 : 0);
    return static_cast<int>(std::min<quint64>(kib, std::numeric_limits<int>::max()));
}

int toSeconds(std::chrono::milliseconds time)
{
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

void applyKib(const QSpinBox *box, quint64 &bytes)
{
    if (box->value() != toKib(bytes))
        bytes = static_cast<quint64>(box->value()) * kKib;
}

} // namespace

LimitsPage::LimitsPage(const ServerConfig &config, QWidget *parent) : SettingsPage(parent)
{
    addHeading(u"Clients"_s);
    m_maxClients
        = makeNumber(u"maxClients"_s, u"Most clients at a time"_s, 1, kMostClients, config.maxClients);
    addRow(u"Most &clients at a time"_s, m_maxClients);

    addHeading(u"Messages"_s);
    m_maxPayloadKib
        = makeNumber(u"maxPayloadKib"_s, u"Largest message in KiB"_s, 1,
                     static_cast<int>(kLargestMaxPayloadBytes / kKib), toKib(config.maxPayloadBytes));
    m_maxPayloadKib->setToolTip(u"A client that announces a longer message is disconnected"_s);
    addRow(u"&Largest message (KiB)"_s, m_maxPayloadKib);
    m_frameDeadline = makeNumber(u"frameDeadlineSeconds"_s, u"Time for a begun message in seconds"_s, 1,
                                 kMostFrameSeconds, toSeconds(config.frameDeadline));
    m_frameDeadline->setToolTip(
        u"A message that was begun must be complete after this, and a second more for each "
        "64 KiB of it"_s);
    addRow(u"&Time for a begun message (seconds)"_s, m_frameDeadline);

    addHeading(u"Slow readers"_s);
    m_maxQueueKib = makeNumber(u"maxQueueKib"_s, u"Queue for each client in KiB"_s, 1,
                               static_cast<int>(kLargestMaxPayloadBytes / kKib), toKib(config.maxQueueBytes));
    m_maxQueueKib->setToolTip(u"A client that reads so slowly that more is waiting for it is disconnected"_s);
    addRow(u"&Queue for each client (KiB)"_s, m_maxQueueKib);
}

void LimitsPage::applyTo(ServerConfig &config) const
{
    config.maxClients = m_maxClients->value();
    applyKib(m_maxPayloadKib, config.maxPayloadBytes);
    applyKib(m_maxQueueKib, config.maxQueueBytes);
    config.frameDeadline = std::chrono::seconds(m_frameDeadline->value());
}

} // namespace wireroom
