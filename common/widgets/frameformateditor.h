// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/framing/frameformat.h"

#include <QComboBox>

namespace wireroom {

/// A combo box of the frame formats: "u32le — 4-byte little-endian". Its accessible name is "Format".
///
/// Owner: its parent widget. Thread: GUI.
class FrameFormatEditor : public QComboBox
{
    Q_OBJECT

public:
    enum class Auto {
        Without, ///< for a client, which must say how it speaks
        With,
    };

    explicit FrameFormatEditor(Auto withAuto, QWidget *parent = nullptr);

    FrameFormat value() const;
    /// A format that is not in the list changes nothing.
    void setValue(FrameFormat format);

    /// Offers the chat protocol, too, as the first choice; value() is its framing then.
    void addChat();
    bool isChat() const;
    void setChat();

Q_SIGNALS:
    void valueChanged(wireroom::FrameFormat format);
};

} // namespace wireroom
