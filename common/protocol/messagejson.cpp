// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/messagejson.h"

using namespace Qt::StringLiterals;

namespace wireroom {

QByteArray idJson(ClientId id)
{
    return QByteArray::number(id.value());
}

void addAddressees(JsonLine &line, const chat::Addressees &to)
{
    if (to)
        line.addList("to"_L1, *to, idJson);
    else
        line.addNull("to"_L1);
}

void addBody(JsonLine &line, chat::BodyKind kind, const QByteArray &body)
{
    if (kind == chat::BodyKind::Text)
        line.addPayload(body);
    else
        line.add("hex"_L1, QString::fromLatin1(body.toHex()));
}

} // namespace wireroom
