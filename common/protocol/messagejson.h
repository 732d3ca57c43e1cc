// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/jsonline.h"
#include "common/protocol/message.h"

/// The fields of chat messages as the programs write them in JSON. Any thread.
namespace wireroom {

QByteArray idJson(ClientId id);

/// "to": null stands for everyone, as on the wire.
void addAddressees(JsonLine &line, const chat::Addressees &to);

/// "text" or "hex". Valid text may have been sent as bytes, which is what it is then.
void addBody(JsonLine &line, chat::BodyKind kind, const QByteArray &body);

} // namespace wireroom
