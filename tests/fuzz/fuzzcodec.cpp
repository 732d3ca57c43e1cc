// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/messagecodec.h"
#include "tests/fuzz/fuzzinput.h"
#include "tests/fuzz/fuzztargets.h"

#include <QtEndian>

using namespace Qt::StringLiterals;

namespace wireroom::fuzz {

namespace {

/// The payload of a frame in u32be.
QByteArrayView payloadOf(const QByteArray &frame)
{
    WIREROOM_FUZZ_CHECK(frame.size() > 4
                            && qFromBigEndian<quint32>(frame.constData()) == quint32(frame.size() - 4),
                        u"the prefix is not the payload's length"_s);
    return QByteArrayView(frame).sliced(4);
}

} // namespace

void runCodec(QByteArrayView input)
{
    const Exact bytes(input);
    const chat::Decoded decoded = chat::decodeMessage(bytes.view());
    if (const auto *error = std::get_if<chat::CodecError>(&decoded)) {
        WIREROOM_FUZZ_CHECK(!error->text.isEmpty() && error->text.isValidUtf16(), u"no valid text"_s);
        return;
    }
    const auto &message = std::get<chat::Message>(decoded);
    if (const auto *hello = std::get_if<chat::Hello>(&message))
        chat::isAcceptableName(hello->name);

    const QByteArray frame = chat::encodeMessageFrame(message);
    for (const chat::FirstFrame first : {chat::FirstFrame::No, chat::FirstFrame::Yes}) {
        QByteArray again("before");
        chat::appendMessageFrame(again, message, first);
        again = again.sliced(6);
        const Exact payload(payloadOf(again));
        const chat::Decoded second = chat::decodeMessage(payload.view());
        const auto *same = std::get_if<chat::Message>(&second);
        WIREROOM_FUZZ_CHECK(same && *same == message, u"it comes back as another message"_s);
        WIREROOM_FUZZ_CHECK(chat::encodeMessageFrame(*same) == frame, u"it is written differently"_s);
    }
    if (const auto *delivery = std::get_if<chat::Delivery>(&message)) {
        QByteArray direct;
        chat::appendDeliveryFrame(direct, *delivery);
        WIREROOM_FUZZ_CHECK(direct == frame, u"a delivery is written in two ways"_s);
    }
}

} // namespace wireroom::fuzz
