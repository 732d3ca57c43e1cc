// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/wirewriter.h"

#include "common/protocol/messagecodec.h"

#include <QIODevice>

namespace wireroom::chat {

namespace {

/// Appends what is written to a byte array (QBuffer makes three calls of one). One for each thread, because
/// a QObject for each message would cost more than the message.
class Appender : public QIODevice
{
public:
    Appender() { open(QIODevice::WriteOnly | QIODevice::Unbuffered); }

    bool isSequential() const override { return true; }

    QByteArray *out = nullptr;

protected:
    qint64 readData(char *, qint64) override { return -1; }

    qint64 writeData(const char *data, qint64 size) override
    {
        out->append(data, size);
        return size;
    }
};

QIODevice *appenderTo(QByteArray &out)
{
    thread_local Appender appender;
    appender.out = &out;
    return &appender;
}

} // namespace

WireWriter::WireWriter(QByteArray &out) : m_cbor(appenderTo(out)) { }

WireWriter::~WireWriter() = default;

void WireWriter::field(const char *, PresenceState value)
{
    m_cbor.append(toString(value));
}

void WireWriter::field(const char *, BodyKind value)
{
    m_cbor.append(toString(value));
}

void WireWriter::field(const char *, const std::vector<ClientId> &ids)
{
    m_cbor.startArray(ids.size());
    for (const ClientId id : ids)
        m_cbor.append(id.value());
    m_cbor.endArray();
}

void WireWriter::body(const char *, BodyKind kind, const QByteArray &body)
{
    if (kind == BodyKind::Text)
        m_cbor.appendTextString(body.constData(), body.size());
    else
        m_cbor.append(body);
}

} // namespace wireroom::chat
