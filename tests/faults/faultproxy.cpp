// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/faultproxy.h"

#include <QHostInfo>

#include <algorithm>

#include <sys/socket.h>

using namespace Qt::StringLiterals;

namespace wireroom::faults {

namespace {

std::optional<QHostAddress> resolve(const QString &host)
{
    QHostAddress address;
    if (address.setAddress(host))
        return address;
    if (host == "localhost"_L1)
        return QHostAddress(QHostAddress::LocalHost);
    const QList<QHostAddress> found = QHostInfo::fromName(host).addresses();
    return found.isEmpty() ? std::nullopt : std::optional(found.front());
}

} // namespace

FaultProxy::FaultProxy(const FaultOptions &options, FaultLink::Report report)
    : m_options(options), m_report(std::move(report))
{
}

FaultProxy::~FaultProxy() = default;

Result<quint16> FaultProxy::open()
{
    const auto target = resolve(m_options.to.host);
    if (!target)
        return Error{Error::Code::NotFound, u"There is no host “%1”."_s.arg(m_options.to.host)};
    m_target = *target;
    const auto address
        = m_options.listen.host.isEmpty() ? QHostAddress(QHostAddress::Any) : resolve(m_options.listen.host);
    if (!address || !listen(*address, m_options.listen.port))
        return Error{Error::Code::InUse,
                     u"Cannot listen on %1: %2."_s.arg(m_options.listen.toString(), errorString())};
    JsonLine line("listening"_L1);
    line.add("host"_L1, serverAddress().toString()).add("port"_L1, serverPort());
    m_report(line.add("to"_L1, m_options.to.toString()).add("seed"_L1, m_options.seed));
    return serverPort();
}

void FaultProxy::incomingConnection(qintptr socket)
{
    Descriptor client(socket);
    const quint64 number = ++m_lastNumber;
    JsonLine line("connected"_L1);
    m_report(line.add("connection"_L1, number));
    if (m_refuses) {
        JsonLine fault("fault"_L1);
        m_report(fault.add("connection"_L1, number).add("fault"_L1, u"refuse"_s));
        const linger rightNow{1, 0};
        ::setsockopt(int(socket), SOL_SOCKET, SO_LINGER, &rightNow, sizeof rightNow);
        return;
    }
    const auto ended = [this, number] {
        // It is the link that calls.
        QMetaObject::invokeMethod(
            this,
            [this, number] { std::erase_if(m_links, [&](const auto &l) { return l->number() == number; }); },
            Qt::QueuedConnection);
    };
    m_links.push_back(
        std::make_unique<FaultLink>(number, m_options, m_target, std::move(client), m_report, ended));
    if (m_isBlackHole)
        m_links.back()->setBlackHole(true);
}

bool FaultProxy::command(QStringView text)
{
    text = text.trimmed();
    const bool isOn = text.endsWith(" on"_L1);
    if (text == "cut"_L1) {
        for (const auto &link : m_links)
            link->cut();
    } else if (text == "reset"_L1) {
        for (const auto &link : m_links)
            link->reset();
    } else if (text == "black-hole on"_L1 || text == "black-hole off"_L1) {
        m_isBlackHole = isOn;
        for (const auto &link : m_links)
            link->setBlackHole(isOn);
    } else if (text == "refuse on"_L1 || text == "refuse off"_L1) {
        m_refuses = isOn;
    } else {
        return false;
    }
    return true;
}

} // namespace wireroom::faults
