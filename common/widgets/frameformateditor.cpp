// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/frameformateditor.h"

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// Not a FrameFormat::Kind.
constexpr int kChat = -1;

} // namespace

FrameFormatEditor::FrameFormatEditor(Auto withAuto, QWidget *parent) : QComboBox(parent)
{
    setObjectName(u"format"_s);
    setAccessibleName(tr("Format"));
    setToolTip(tr("How the byte stream becomes messages"));
    for (const FrameFormat::Kind kind : FrameFormat::all()) {
        const FrameFormat format(kind);
        if (format.isAuto() && withAuto == Auto::Without)
            continue;
        addItem(u"%1 — %2"_s.arg(format.toString(), format.description()), static_cast<int>(kind));
    }
    setMaxVisibleItems(count());
    connect(this, &QComboBox::currentIndexChanged, this, [this] { Q_EMIT valueChanged(value()); });
}

FrameFormat FrameFormatEditor::value() const
{
    if (isChat())
        return FrameFormat::U32BE;
    return FrameFormat(static_cast<FrameFormat::Kind>(currentData().toInt()));
}

void FrameFormatEditor::setValue(FrameFormat format)
{
    const int index = findData(static_cast<int>(format.kind()));
    if (index >= 0)
        setCurrentIndex(index);
}

void FrameFormatEditor::addChat()
{
    insertItem(0, tr("chat — names and receipts"), kChat);
    setMaxVisibleItems(count());
}

bool FrameFormatEditor::isChat() const
{
    return count() > 0 && currentData().toInt() == kChat;
}

void FrameFormatEditor::setChat()
{
    setCurrentIndex(findData(kChat));
}

} // namespace wireroom
