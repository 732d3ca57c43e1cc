// SPDX-License-Identifier: Apache-2.0
#include "common/transport/readturn.h"

#include "common/framing/frameencoder.h"

#include <utility>

namespace wireroom {

void ReadTurn::append(Payload &payload)
{
    const qsizetype size = payload.view().size();
    const QByteArrayView frame = payload.frame();
    if (size >= kLargeBytes) {
        endChunk();
        m_large.push_back({m_block.size(), payload.take()});
        m_largeBytes += quint64(size);
    } else if (frame.isEmpty()) {
        endChunk();
        appendFrame(m_block, blockFormat(), payload.view());
    } else if (!m_run.isEmpty() && m_run.end() == frame.begin()) {
        m_run = QByteArrayView(m_run.begin(), frame.end());
    } else {
        endChunk();
        m_run = frame;
    }
}

void ReadTurn::endChunk()
{
    if (!m_run.isEmpty())
        m_block.append(std::exchange(m_run, {}));
}

} // namespace wireroom
