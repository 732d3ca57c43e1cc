// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/widgets/theme.h"

#include <QPainter>
#include <QWidget>

namespace wireroom {

/// A line between a window's parts.
class Rule : public QWidget
{
public:
    explicit Rule(QWidget *parent) : QWidget(parent) { setFixedHeight(1); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter(this).fillRect(rect(), themeColors(palette()).border);
    }
};

} // namespace wireroom
