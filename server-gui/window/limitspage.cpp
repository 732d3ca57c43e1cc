// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/limitspage.h"

#include "common/widgets/numbertext.h"
#include "common/widgets/theme.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

using C = ServerConfig;
using Limit = LimitsPage::Limit;

constexpr quint64 kKib = 1024;
constexpr quint64 kMib = 1024 * kKib;
constexpr quint64 kMostClients = 1'000'000;
constexpr quint64 kMostKib = kLargestMaxPayloadBytes / kKib;
constexpr quint64 kMostSeconds = 7 * 24 * 3600;
constexpr quint64 kMostInt = std::numeric_limits<int>::max();

/// Rounded up, so that a limit is never shown as less than it is.
constexpr quint64 inUnits(quint64 bytes, quint64 unit)
{
    return bytes / unit + (bytes % unit != 0 ? 1 : 0);
}

quint64 seconds(std::chrono::milliseconds time)
{
    return static_cast<quint64>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

std::chrono::milliseconds ofSeconds(quint64 count)
{
    return std::chrono::seconds(count);
}

const Limit kMaxClients{u"maxClients"_s,
                        u"Most &clients at a time"_s,
                        1,
                        kMostClients,
                        {},
                        u"Who comes then is turned away"_s,
                        [](const C &c) { return quint64(c.maxClients); },
                        [](C &c, quint64 n) {
                            c.maxClients = int(n);
                        }};
const Limit kMaxPerAddress{u"maxPerAddress"_s,
                           u"Most from one &address"_s,
                           0,
                           kMostClients,
                           u"no limit"_s,
                           u"An IPv6 network of 64 bits counts as one address; so does everybody behind one "
                           "router"_s,
                           [](const C &c) { return quint64(c.maxPerAddress); },
                           [](C &c, quint64 n) {
                               c.maxPerAddress = int(n);
                           }};
const Limit kMaxUnauthenticated{
    u"maxUnauthenticated"_s,
    u"&Silent ones at a time"_s,
    1,
    kMostClients,
    {},
    u"So many may not have said who they are yet; beyond it the one that has been "
    "silent for longest makes room"_s,
    [](const C &c) { return quint64(c.maxUnauthenticated); },
    [](C &c, quint64 n) {
        c.maxUnauthenticated = int(n);
    }};
const Limit kMaxUnauthenticatedPerAddress{u"maxUnauthenticatedPerAddress"_s,
                                          u"S&ilent ones from one address"_s,
                                          1,
                                          kMostClients,
                                          {},
                                          u"The same for each address"_s,
                                          [](const C &c) { return quint64(c.maxUnauthenticatedPerAddress); },
                                          [](C &c, quint64 n) {
                                              c.maxUnauthenticatedPerAddress = int(n);
                                          }};
const Limit kMaxPayload{u"maxPayloadKib"_s,
                        u"&Largest message (KiB)"_s,
                        1,
                        kMostKib,
                        {},
                        u"A client that announces a longer message is disconnected"_s,
                        [](const C &c) { return inUnits(c.maxPayloadBytes, kKib); },
                        [](C &c, quint64 n) {
                            c.maxPayloadBytes = n * kKib;
                        }};
const Limit kFrameRate{
    u"maxFramesPerSecond"_s,
    u"&Messages a second"_s,
    0,
    kMostInt,
    u"no limit"_s,
    u"Of each client. One that sends more is not read from until it may go on; a chat client "
    "is told to slow down"_s,
    [](const C &c) { return c.maxFramesPerSecond; },
    [](C &c, quint64 n) {
        c.maxFramesPerSecond = n;
    }};
const Limit kByteRate{u"maxKibPerSecond"_s,
                      u"&KiB a second"_s,
                      0,
                      kMostInt,
                      u"no limit"_s,
                      u"Of each client, like messages a second"_s,
                      [](const C &c) { return inUnits(c.maxBytesPerSecond, kKib); },
                      [](C &c, quint64 n) {
                          c.maxBytesPerSecond = n * kKib;
                      }};
const Limit kMaxQueue{u"maxQueueKib"_s,
                      u"&Queue for each client (KiB)"_s,
                      1,
                      kMostKib,
                      {},
                      u"A client that reads so slowly that more is waiting for it is disconnected"_s,
                      [](const C &c) { return inUnits(c.maxQueueBytes, kKib); },
                      [](C &c, quint64 n) {
                          c.maxQueueBytes = n * kKib;
                      }};
const Limit kMaxQueues{u"maxQueuesMib"_s,
                       u"Queues of all &together (MiB)"_s,
                       1,
                       kMostInt,
                       {},
                       u"When more is waiting, those for whom most is waiting are disconnected"_s,
                       [](const C &c) { return inUnits(c.maxQueuesBytes, kMib); },
                       [](C &c, quint64 n) {
                           c.maxQueuesBytes = n * kMib;
                       }};
const Limit kDetection{u"detectionDeadlineSeconds"_s,
                       u"&First bytes (seconds)"_s,
                       1,
                       kMostSeconds,
                       {},
                       u"Where only chat clients are let in: who does not speak the chat protocol by then is "
                       "disconnected"_s,
                       [](const C &c) { return seconds(c.detectionDeadline); },
                       [](C &c, quint64 n) {
                           c.detectionDeadline = ofSeconds(n);
                       }};
const Limit kHello{u"helloDeadlineSeconds"_s,
                   u"A chat client's &name (seconds)"_s,
                   1,
                   kMostSeconds,
                   {},
                   u"A chat client that has not said who it is by then is disconnected"_s,
                   [](const C &c) { return seconds(c.helloDeadline); },
                   [](C &c, quint64 n) {
                       c.helloDeadline = ofSeconds(n);
                   }};
const Limit kFrame{
    u"frameDeadlineSeconds"_s,
    u"The rest of a message (seconds)"_s,
    1,
    kMostSeconds,
    {},
    u"A message that was begun must be complete after this, and a second more for each 64 KiB of "
    "it"_s,
    [](const C &c) { return seconds(c.frameDeadline); },
    [](C &c, quint64 n) {
        c.frameDeadline = ofSeconds(n);
    }};
const Limit kIdle{u"idleDeadlineSeconds"_s,
                  u"A message of a plain client (seconds)"_s,
                  0,
                  kMostSeconds,
                  u"for ever"_s,
                  u"A plain client that nothing came from and nothing went to for so long is disconnected"_s,
                  [](const C &c) { return seconds(c.idleDeadline); },
                  [](C &c, quint64 n) {
                      c.idleDeadline = ofSeconds(n);
                  }};

QString withoutMnemonic(const QString &title)
{
    return QString(title).remove(u'&');
}

} // namespace

LimitsPage::LimitsPage(const ServerConfig &config, const ServerConfig *inForce, QWidget *parent)
    : SettingsPage(parent)
{
    addHeading(u"Who is let in"_s);
    add(kMaxClients, config, inForce);
    add(kMaxPerAddress, config, inForce);
    addChatOnly(config, inForce);
    for (const Limit *limit : {&kMaxUnauthenticated, &kMaxUnauthenticatedPerAddress}) {
        QSpinBox *box = add(*limit, config, inForce);
        box->setEnabled(config.chatOnly);
        connect(m_chatOnly, &QCheckBox::toggled, box, &QWidget::setEnabled);
    }
    addHeading(u"What a client may send"_s);
    for (const Limit *limit : {&kMaxPayload, &kFrameRate, &kByteRate})
        add(*limit, config, inForce);
    addHeading(u"What may wait for slow readers"_s);
    for (const Limit *limit : {&kMaxQueue, &kMaxQueues})
        add(*limit, config, inForce);
    addHeading(u"How long the server waits for …"_s);
    QSpinBox *detection = add(kDetection, config, inForce);
    detection->setEnabled(config.chatOnly);
    connect(m_chatOnly, &QCheckBox::toggled, detection, &QWidget::setEnabled);
    for (const Limit *limit : {&kHello, &kFrame, &kIdle})
        add(*limit, config, inForce);
}

QSpinBox *LimitsPage::add(const Limit &limit, const ServerConfig &config, const ServerConfig *inForce)
{
    const int value = static_cast<int>(std::min(limit.value(config), kMostInt));
    QSpinBox *box = makeNumber(limit.objectName, withoutMnemonic(limit.title), limit.lowest,
                               static_cast<int>(std::min(limit.highest, kMostInt)), value);
    box->setSpecialValueText(limit.zero);
    box->setToolTip(limit.toolTip);
    m_fields.push_back({box, box->value(), limit});
    if (!inForce) {
        addRow(limit.title, box);
        return box;
    }
    auto *row = new QWidget(this);
    auto *now = new QLabel(row);
    now->setObjectName(limit.objectName % u"InForce"_s);
    const quint64 running = limit.value(*inForce);
    now->setText(
        u"in force: %1"_s.arg(running == 0 && !limit.zero.isEmpty() ? limit.zero : countText(running)));
    QPalette quiet = now->palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    now->setPalette(quiet);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kGrid);
    layout->addWidget(box);
    layout->addWidget(now);
    addRow(limit.title, box, row);
    return box;
}

void LimitsPage::addChatOnly(const ServerConfig &config, const ServerConfig *inForce)
{
    m_chatOnly = new QCheckBox(u"&Only chat clients"_s, this);
    m_chatOnly->setObjectName(u"chatOnly"_s);
    m_chatOnly->setAccessibleName(u"Only chat clients"_s);
    m_chatOnly->setToolTip(
        u"Plain clients are turned away, and nobody may be silent for long: for a port that "
        "is open to everybody"_s);
    m_chatOnly->setChecked(config.chatOnly);
    if (inForce && inForce->chatOnly != config.chatOnly)
        m_chatOnly->setText(m_chatOnly->text()
                            % (inForce->chatOnly ? u" (in force: yes)"_s : u" (in force: no)"_s));
    connect(m_chatOnly, &QCheckBox::toggled, this, &SettingsPage::edited);
    addField(m_chatOnly);
}

void LimitsPage::applyTo(ServerConfig &config) const
{
    for (const Field &field : m_fields) {
        if (field.box->value() != field.first)
            field.limit.set(config, static_cast<quint64>(field.box->value()));
    }
    config.chatOnly = m_chatOnly->isChecked();
}

} // namespace wireroom
