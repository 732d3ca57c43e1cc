// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/wireroomstyle.h"

#include "common/widgets/theme.h"

#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QFrame>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QScrollBar>
#include <QStyleFactory>
#include <QStyleOption>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr qreal kRadius = 6;
/// Fields, buttons and combo boxes in one row are equally high.
constexpr int kControlHeight = 4 * kGrid;
constexpr int kScrollBarWidth = 12;
/// For the arrow of a sorted column.
constexpr int kArrowWidth = 2 * kGrid;
constexpr int kStepWidth = 20;

class PainterState
{
public:
    explicit PainterState(QPainter *painter) : m_painter(painter)
    {
        m_painter->save();
        m_painter->setRenderHint(QPainter::Antialiasing);
    }

    ~PainterState() { m_painter->restore(); }

    PainterState(const PainterState &) = delete;
    PainterState &operator=(const PainterState &) = delete;

private:
    QPainter *m_painter;
};

QColor mixed(const QColor &a, const QColor &b, qreal partOfB)
{
    const auto mix = [partOfB](float x, float y) {
        return static_cast<float>(x + (y - x) * partOfB);
    };
    return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()));
}

/// A pen's line lies in the middle of pixels.
QRectF hairlineRect(const QRect &rect)
{
    return QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5);
}

void drawChevron(QPainter *painter, const QPointF &center, qreal half, bool up, const QColor &color)
{
    const qreal rise = up ? -half / 2 : half / 2;
    QPainterPath path(center + QPointF(-half, -rise));
    path.lineTo(center + QPointF(0, rise));
    path.lineTo(center + QPointF(half, -rise));
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->drawPath(path);
}

/// The line edit inside a combo box or a spin box, which paint the whole field themselves.
bool isPartOfField(const QWidget *widget)
{
    const QWidget *parent = widget ? widget->parentWidget() : nullptr;
    return qobject_cast<const QComboBox *>(parent) || qobject_cast<const QAbstractSpinBox *>(parent);
}

QIcon tinted(const QIcon &icon, const QSize &size, qreal devicePixelRatio, const QColor &color)
{
    QPixmap pixmap = icon.pixmap(size, devicePixelRatio);
    QPainter painter(&pixmap);
    painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
    painter.fillRect(QRect(QPoint(0, 0), size), color);
    return QIcon(pixmap);
}

bool isPrimary(const QWidget *widget)
{
    return widget && widget->property(kPrimaryProperty).toBool();
}

} // namespace

WireroomStyle::WireroomStyle() : QProxyStyle(QStyleFactory::create(u"Fusion"_s)) { }

int WireroomStyle::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    switch (metric) {
    case PM_ScrollBarExtent:
        return kScrollBarWidth;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
        return 2 * kGrid;
    case PM_CheckBoxLabelSpacing:
        return kGrid;
    case PM_SplitterWidth:
        return kGrid;
    case PM_LayoutLeftMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutBottomMargin:
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return kGrid;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_MenuBarPanelWidth:
        return 0;
    case PM_MenuBarHMargin:
    case PM_MenuPanelWidth:
        return kGrid / 2;
    case PM_MenuBarItemSpacing:
        return kGrid / 2;
    case PM_TabBarTabHSpace:
        return 3 * kGrid;
    case PM_TabBarTabVSpace:
        return kGrid;
    case PM_TabBarTabOverlap:
    case PM_TabBarTabShiftVertical:
    case PM_TabBarBaseOverlap:
        return 0;
    case PM_HeaderMargin:
        return kGrid;
    case PM_TextCursorWidth:
        return 2;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int WireroomStyle::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                             QStyleHintReturn *returnData) const
{
    switch (hint) {
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
        return 0;
    case SH_ComboBox_Popup:
        return 0;
    case SH_ScrollBar_LeftClickAbsolutePosition:
        return 1;
    case SH_ItemView_ShowDecorationSelected:
        return 1;
    case SH_Table_GridLineColor:
        return option ? static_cast<int>(themeColors(option->palette).border.rgb()) : 0;
    default:
        return QProxyStyle::styleHint(hint, option, widget, returnData);
    }
}

QSize WireroomStyle::sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                                      const QWidget *widget) const
{
    QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
    switch (type) {
    case CT_PushButton:
        result.setHeight(std::max(result.height(), kControlHeight));
        if (const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option);
            button && !button->text.isEmpty())
            result.setWidth(std::max(size.width() + 4 * kGrid, 10 * kGrid));
        return result;
    case CT_ComboBox:
        return QSize(result.width() + kGrid, std::max(result.height(), kControlHeight));
    case CT_LineEdit:
    case CT_SpinBox:
        return QSize(result.width(), kControlHeight);
    case CT_MenuBarItem:
        return QSize(size.width() + 2 * kGrid, std::max(size.height() + kGrid, 28));
    case CT_MenuItem:
        if (const auto *item = qstyleoption_cast<const QStyleOptionMenuItem *>(option);
            item && item->menuItemType != QStyleOptionMenuItem::Separator)
            return QSize(result.width() + 2 * kGrid, std::max(result.height(), 28));
        return result;
    default:
        return result;
    }
}

/// The arrow stands beside the text, on the side that the text does not keep to, so that the text stays in
/// line with the cells.
QRect WireroomStyle::headerPart(SubElement part, const QStyleOptionHeader &header) const
{
    const bool isFirst = header.position == QStyleOptionHeader::Beginning
        || header.position == QStyleOptionHeader::OnlyOneSection;
    const QRect contents = cellContents(header.rect, isFirst);
    if (header.sortIndicator == QStyleOptionHeader::None)
        return part == SE_HeaderLabel ? contents : QRect();
    const bool right = header.textAlignment & Qt::AlignRight;
    const int words
        = std::min(header.fontMetrics.horizontalAdvance(header.text), contents.width() - kArrowWidth);
    if (part == SE_HeaderLabel)
        return right ? contents.adjusted(kArrowWidth, 0, 0, 0) : contents.adjusted(0, 0, -kArrowWidth, 0);
    const int left = right ? contents.right() + 1 - words - kArrowWidth : contents.left() + words;
    return QRect(left, contents.top(), kArrowWidth, contents.height());
}

QRect WireroomStyle::subElementRect(SubElement element, const QStyleOption *option,
                                    const QWidget *widget) const
{
    switch (element) {
    case SE_LineEditContents:
        if (const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option);
            frame && frame->lineWidth > 0)
            return option->rect.adjusted(kGrid - 2, 1, -(kGrid - 2), -1);
        return QProxyStyle::subElementRect(element, option, widget);
    case SE_HeaderLabel:
    case SE_HeaderArrow:
        if (const auto *header = qstyleoption_cast<const QStyleOptionHeader *>(option))
            return headerPart(element, *header);
        return {};
    case SE_TabWidgetTabContents:
        return QProxyStyle::subElementRect(element, option, widget).adjusted(-1, 0, 1, 1);
    default:
        return QProxyStyle::subElementRect(element, option, widget);
    }
}

QRect WireroomStyle::subControlRect(ComplexControl control, const QStyleOptionComplex *option,
                                    SubControl part, const QWidget *widget) const
{
    if (control == CC_ComboBox) {
        const QRect all = option->rect;
        switch (part) {
        case SC_ComboBoxFrame:
            return all;
        case SC_ComboBoxArrow:
            return visualRect(option->direction, all, QRect(all.right() - 27, all.top(), 28, all.height()));
        case SC_ComboBoxEditField:
            return visualRect(option->direction, all, all.adjusted(kGrid, 2, -28, -2));
        default:
            break;
        }
    }
    if (control == CC_SpinBox) {
        const auto *box = qstyleoption_cast<const QStyleOptionSpinBox *>(option);
        if (!box)
            return {};
        const QRect all = option->rect;
        const int steps = box->buttonSymbols == QAbstractSpinBox::NoButtons ? 0 : kStepWidth;
        const QRect column(all.right() - steps, all.top() + 1, steps, all.height() - 2);
        switch (part) {
        case SC_SpinBoxFrame:
            return all;
        case SC_SpinBoxEditField:
            return visualRect(option->direction, all,
                              all.adjusted(kGrid - 3, 2, -std::max(steps, kGrid - 3), -2));
        case SC_SpinBoxUp:
            return visualRect(option->direction, all, column.adjusted(0, 0, 0, -column.height() / 2));
        case SC_SpinBoxDown:
            return visualRect(option->direction, all, column.adjusted(0, column.height() / 2, 0, 0));
        default:
            return {};
        }
    }
    if (control == CC_ScrollBar) {
        // No arrow buttons: the groove is the whole bar.
        const auto *bar = qstyleoption_cast<const QStyleOptionSlider *>(option);
        if (!bar)
            return {};
        const bool horizontal = bar->orientation == Qt::Horizontal;
        const int length = horizontal ? bar->rect.width() : bar->rect.height();
        int thumb = length;
        if (bar->maximum != bar->minimum) {
            const qint64 range = qint64(bar->maximum) - bar->minimum;
            thumb = static_cast<int>(qint64(length) * bar->pageStep / (range + bar->pageStep));
            thumb = std::clamp(thumb, std::min(4 * kGrid, length), length);
        }
        const int start = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition,
                                                  length - thumb, bar->upsideDown);
        const auto along = [&](int from, int size) {
            return horizontal ? QRect(bar->rect.left() + from, bar->rect.top(), size, bar->rect.height())
                              : QRect(bar->rect.left(), bar->rect.top() + from, bar->rect.width(), size);
        };
        switch (part) {
        case SC_ScrollBarGroove:
            return bar->rect;
        case SC_ScrollBarSlider:
            return along(start, thumb);
        case SC_ScrollBarSubPage:
            return along(0, start);
        case SC_ScrollBarAddPage:
            return along(start + thumb, length - start - thumb);
        default:
            return {};
        }
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

void WireroomStyle::drawButton(const QStyleOption *option, QPainter *painter, bool primary) const
{
    const PainterState state(painter);
    const ThemeColors colors = themeColors(option->palette);
    const bool enabled = option->state & State_Enabled;
    const bool down = option->state & (State_Sunken | State_On);
    const bool hover = enabled && (option->state & State_MouseOver);
    QColor fill = option->palette.color(QPalette::Button);
    QColor line = colors.controlBorder;
    if (!enabled) {
        fill = option->palette.color(QPalette::Window);
        line = colors.border;
    } else if (primary) {
        fill = colors.accent;
        if (down)
            fill = mixed(fill, colors.accentText, 0.22);
        else if (hover)
            fill = mixed(fill, colors.accentText, 0.1);
        line = fill;
    } else if (down) {
        fill = mixed(fill, colors.accent, 0.22);
    } else if (hover) {
        fill = mixed(fill, colors.accent, 0.08);
    }
    painter->setBrush(fill);
    painter->setPen(line);
    painter->drawRoundedRect(hairlineRect(option->rect), kRadius, kRadius);
    if (enabled && (option->state & State_HasFocus) && (option->state & State_KeyboardFocusChange)) {
        painter->setBrush(Qt::NoBrush);
        painter->setPen(QPen(primary ? colors.accentText : colors.accent, 1.5));
        painter->drawRoundedRect(QRectF(option->rect).adjusted(2.5, 2.5, -2.5, -2.5), kRadius - 2,
                                 kRadius - 2);
    }
}

void WireroomStyle::drawField(const QStyleOption *option, QPainter *painter) const
{
    const PainterState state(painter);
    const ThemeColors colors = themeColors(option->palette);
    const bool enabled = option->state & State_Enabled;
    const bool focus = enabled && (option->state & State_HasFocus);
    painter->setBrush(option->palette.color(enabled ? QPalette::Base : QPalette::Window));
    if (focus) {
        painter->setPen(QPen(colors.accent, 2));
        painter->drawRoundedRect(QRectF(option->rect).adjusted(1, 1, -1, -1), kRadius - 1, kRadius - 1);
    } else {
        painter->setPen(enabled ? colors.controlBorder : colors.border);
        painter->drawRoundedRect(hairlineRect(option->rect), kRadius, kRadius);
    }
}

void WireroomStyle::drawCheckBox(const QStyleOption *option, QPainter *painter) const
{
    const PainterState state(painter);
    const ThemeColors colors = themeColors(option->palette);
    const bool enabled = option->state & State_Enabled;
    const bool checked = option->state & State_On;
    const QColor frame = enabled ? colors.controlBorder : colors.border;
    painter->setPen(checked && enabled ? colors.accent : frame);
    painter->setBrush(checked ? (enabled ? colors.accent : colors.border)
                              : option->palette.color(enabled ? QPalette::Base : QPalette::Window));
    painter->drawRoundedRect(hairlineRect(option->rect), 3, 3);
    if (!checked)
        return;
    const QPointF middle = QRectF(option->rect).center();
    QPainterPath tick(middle + QPointF(-3.5, 0.5));
    tick.lineTo(middle + QPointF(-1, 3));
    tick.lineTo(middle + QPointF(3.5, -2.5));
    painter->setBrush(Qt::NoBrush);
    painter->setPen(
        QPen(enabled ? colors.accentText : colors.muted, 1.75, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->drawPath(tick);
}

void WireroomStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                                  const QWidget *widget) const
{
    switch (element) {
    case PE_PanelButtonCommand:
        drawButton(option, painter, isPrimary(widget));
        return;
    case PE_FrameDefaultButton:
        return;
    case PE_IndicatorCheckBox:
        drawCheckBox(option, painter);
        return;
    case PE_PanelScrollAreaCorner:
        painter->fillRect(option->rect, option->palette.brush(QPalette::Base));
        return;
    case PE_FrameFocusRect:
        // Buttons, fields and rows show the focus in their own way; a check box or a label keeps a thin
        // frame.
        if (!qobject_cast<const QPushButton *>(widget) && !qobject_cast<const QAbstractItemView *>(widget)
            && !qobject_cast<const QComboBox *>(widget)) {
            const PainterState state(painter);
            painter->setBrush(Qt::NoBrush);
            painter->setPen(themeColors(option->palette).accent);
            painter->drawRoundedRect(hairlineRect(option->rect), 3, 3);
        }
        return;
    case PE_PanelLineEdit:
        if (const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option);
            frame && frame->lineWidth > 0)
            drawField(option, painter);
        else if (!isPartOfField(widget))
            painter->fillRect(option->rect, option->palette.brush(QPalette::Base));
        return;
    case PE_FrameLineEdit:
        return;
    case PE_Frame:
        // A scroll area that is edited is a field; one that is read has a hairline around it.
        if (const auto *area = qobject_cast<const QAbstractScrollArea *>(widget)) {
            const bool field = widget->inherits("QPlainTextEdit") && !widget->property("readOnly").toBool();
            if (field) {
                drawField(option, painter);
            } else if (area->frameShape() != QFrame::NoFrame) {
                const PainterState state(painter);
                const ThemeColors colors = themeColors(option->palette);
                const bool focus
                    = (option->state & State_HasFocus) && (option->state & State_KeyboardFocusChange);
                painter->setBrush(Qt::NoBrush);
                painter->setPen(focus ? colors.accent : colors.border);
                painter->drawRect(hairlineRect(option->rect));
            }
            return;
        }
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        return;
    case PE_FrameStatusBarItem:
    case PE_FrameTabBarBase:
    case PE_FrameTabWidget:
        return;
    case PE_PanelStatusBar: {
        painter->fillRect(option->rect.adjusted(0, 0, 0, option->rect.height() * -1 + 1),
                          themeColors(option->palette).border);
        return;
    }
    case PE_IndicatorHeaderArrow:
        if (const auto *header = qstyleoption_cast<const QStyleOptionHeader *>(option)) {
            const PainterState state(painter);
            drawChevron(painter, QRectF(option->rect).center(), 3.5,
                        header->sortIndicator == QStyleOptionHeader::SortUp,
                        themeColors(option->palette).muted);
        }
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void WireroomStyle::drawHeader(const QStyleOption *option, QPainter *painter) const
{
    const ThemeColors colors = themeColors(option->palette);
    painter->fillRect(option->rect, option->palette.color(QPalette::AlternateBase));
    if ((option->state & State_MouseOver) && (option->state & State_Enabled))
        painter->fillRect(option->rect, colors.hover);
    painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1),
                      colors.border);
}

void WireroomStyle::drawTab(const QStyleOption *option, QPainter *painter, const QWidget *widget) const
{
    const auto *tab = qstyleoption_cast<const QStyleOptionTab *>(option);
    if (!tab)
        return;
    const PainterState state(painter);
    const ThemeColors colors = themeColors(option->palette);
    const bool selected = option->state & State_Selected;
    const bool focus = (option->state & State_HasFocus) && (option->state & State_KeyboardFocusChange);
    QColor text = colors.muted;
    if (selected || (option->state & State_MouseOver))
        text = option->palette.color(QPalette::WindowText);
    painter->setPen(text);
    drawItemText(painter, option->rect, Qt::AlignCenter | Qt::TextShowMnemonic, option->palette,
                 option->state & State_Enabled, tab->text);
    if (selected) {
        const QRectF underline(option->rect.left() + kGrid, option->rect.bottom() - 1,
                               option->rect.width() - 2 * kGrid, 2);
        painter->setPen(Qt::NoPen);
        painter->setBrush(colors.accent);
        painter->drawRoundedRect(underline, 1, 1);
    }
    if (focus) {
        painter->setBrush(Qt::NoBrush);
        painter->setPen(colors.accent);
        painter->drawRoundedRect(hairlineRect(option->rect.adjusted(2, 2, -2, -4)), 3, 3);
    }
    Q_UNUSED(widget);
}

void WireroomStyle::drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                                const QWidget *widget) const
{
    switch (element) {
    case CE_PushButtonLabel:
        if (const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option)) {
            QStyleOptionButton label = *button;
            if (isPrimary(widget) && (option->state & State_Enabled)) {
                const QColor color = themeColors(option->palette).accentText;
                label.palette.setColor(QPalette::ButtonText, color);
                if (!label.icon.isNull())
                    label.icon
                        = tinted(label.icon, label.iconSize, painter->device()->devicePixelRatio(), color);
            }
            QProxyStyle::drawControl(element, &label, painter, widget);
        }
        return;
    case CE_ComboBoxLabel:
        if (const auto *combo = qstyleoption_cast<const QStyleOptionComboBox *>(option)) {
            QStyleOptionComboBox label = *combo;
            const int room = subControlRect(CC_ComboBox, combo, SC_ComboBoxEditField, widget).width() - 2;
            if (label.currentIcon.isNull())
                label.currentText = label.fontMetrics.elidedText(label.currentText, Qt::ElideRight, room);
            QProxyStyle::drawControl(element, &label, painter, widget);
        }
        return;
    case CE_HeaderSection:
    case CE_HeaderEmptyArea:
        drawHeader(option, painter);
        return;
    case CE_Header:
        // Fusion would ask itself, not us, where the parts are.
        if (const auto *header = qstyleoption_cast<const QStyleOptionHeader *>(option)) {
            drawHeader(option, painter);
            QStyleOptionHeader part = *header;
            part.rect = headerPart(SE_HeaderLabel, *header);
            drawControl(CE_HeaderLabel, &part, painter, widget);
            part.rect = headerPart(SE_HeaderArrow, *header);
            if (header->sortIndicator != QStyleOptionHeader::None)
                drawPrimitive(PE_IndicatorHeaderArrow, &part, painter, widget);
        }
        return;
    case CE_HeaderLabel:
        if (const auto *header = qstyleoption_cast<const QStyleOptionHeader *>(option)) {
            QStyleOptionHeader label = *header;
            label.palette.setColor(QPalette::ButtonText, themeColors(option->palette).muted);
            label.state &= ~State_On;
            QProxyStyle::drawControl(element, &label, painter, widget);
        }
        return;
    case CE_TabBarTabShape:
        drawTab(option, painter, widget);
        return;
    case CE_TabBarTabLabel:
        return;
    case CE_Splitter: {
        const PainterState state(painter);
        const ThemeColors colors = themeColors(option->palette);
        const bool horizontal = option->state & State_Horizontal;
        if ((horizontal ? option->rect.width() : option->rect.height()) < kGrid / 2) {
            painter->fillRect(option->rect, colors.border);
            return;
        }
        QRectF grip(0, 0, horizontal ? 2 : 4 * kGrid, horizontal ? 4 * kGrid : 2);
        grip.moveCenter(QRectF(option->rect).center());
        painter->setPen(Qt::NoPen);
        painter->setBrush(option->state & (State_MouseOver | State_HasFocus) ? colors.accent : colors.border);
        painter->drawRoundedRect(grip, 1, 1);
        return;
    }
    case CE_MenuBarEmptyArea:
        painter->fillRect(option->rect, option->palette.color(QPalette::Window));
        return;
    case CE_MenuBarItem:
        if (const auto *item = qstyleoption_cast<const QStyleOptionMenuItem *>(option)) {
            const PainterState state(painter);
            painter->fillRect(option->rect, option->palette.color(QPalette::Window));
            if (option->state & (State_Selected | State_Sunken)) {
                painter->setPen(Qt::NoPen);
                painter->setBrush(themeColors(option->palette).selection);
                painter->drawRoundedRect(QRectF(option->rect).adjusted(0, 2, 0, -2), kRadius - 2,
                                         kRadius - 2);
            }
            const int flags = Qt::AlignCenter | Qt::TextShowMnemonic | Qt::TextDontClip | Qt::TextSingleLine;
            drawItemText(painter, option->rect, flags, option->palette, option->state & State_Enabled,
                         item->text, QPalette::WindowText);
        }
        return;
    default:
        QProxyStyle::drawControl(element, option, painter, widget);
    }
}

void WireroomStyle::drawComboBox(const QStyleOptionComplex *option, QPainter *painter,
                                 const QWidget *widget) const
{
    const auto *box = qstyleoption_cast<const QStyleOptionComboBox *>(option);
    if (!box)
        return;
    if (box->editable) {
        drawField(option, painter);
    } else {
        drawButton(option, painter, false);
        if (option->state & State_HasFocus) {
            const PainterState state(painter);
            painter->setBrush(Qt::NoBrush);
            painter->setPen(QPen(themeColors(option->palette).accent, 2));
            painter->drawRoundedRect(QRectF(option->rect).adjusted(1, 1, -1, -1), kRadius - 1, kRadius - 1);
        }
    }
    const PainterState state(painter);
    const QRect arrow = subControlRect(CC_ComboBox, option, SC_ComboBoxArrow, widget);
    const bool enabled = option->state & State_Enabled;
    drawChevron(painter, QRectF(arrow).center(), 4, false,
                enabled ? themeColors(option->palette).muted
                        : option->palette.color(QPalette::Disabled, QPalette::ButtonText));
}

void WireroomStyle::drawSpinBox(const QStyleOptionComplex *option, QPainter *painter,
                                const QWidget *widget) const
{
    const auto *box = qstyleoption_cast<const QStyleOptionSpinBox *>(option);
    if (!box)
        return;
    drawField(option, painter);
    if (box->buttonSymbols == QAbstractSpinBox::NoButtons)
        return;
    const PainterState state(painter);
    const ThemeColors colors = themeColors(option->palette);
    const auto drawStep = [&](SubControl part, QAbstractSpinBox::StepEnabledFlag step, bool up) {
        const bool enabled = (option->state & State_Enabled) && (box->stepEnabled & step);
        const bool active = enabled && (option->activeSubControls & part);
        const QPointF center = QRectF(subControlRect(CC_SpinBox, option, part, widget)).center();
        const QColor idle
            = enabled ? colors.muted : option->palette.color(QPalette::Disabled, QPalette::ButtonText);
        drawChevron(painter, center, 3.5, up, active ? colors.accent : idle);
    };
    drawStep(SC_SpinBoxUp, QAbstractSpinBox::StepUpEnabled, true);
    drawStep(SC_SpinBoxDown, QAbstractSpinBox::StepDownEnabled, false);
}

void WireroomStyle::drawScrollBar(const QStyleOptionComplex *option, QPainter *painter,
                                  const QWidget *widget) const
{
    const auto *bar = qstyleoption_cast<const QStyleOptionSlider *>(option);
    if (!bar)
        return;
    const PainterState state(painter);
    painter->fillRect(option->rect, option->palette.color(QPalette::Base));
    if (bar->maximum == bar->minimum)
        return;
    const ThemeColors colors = themeColors(option->palette);
    const bool active = (option->state & State_MouseOver) || (option->state & State_Sunken);
    QRectF thumb = subControlRect(CC_ScrollBar, option, SC_ScrollBarSlider, widget);
    thumb.adjust(3, 3, -3, -3);
    painter->setPen(Qt::NoPen);
    painter->setBrush(active ? colors.muted
                             : mixed(colors.controlBorder, option->palette.color(QPalette::Base), 0.35));
    const qreal radius = std::min(thumb.width(), thumb.height()) / 2;
    painter->drawRoundedRect(thumb, radius, radius);
}

void WireroomStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option,
                                       QPainter *painter, const QWidget *widget) const
{
    switch (control) {
    case CC_ComboBox:
        drawComboBox(option, painter, widget);
        return;
    case CC_SpinBox:
        drawSpinBox(option, painter, widget);
        return;
    case CC_ScrollBar:
        drawScrollBar(option, painter, widget);
        return;
    default:
        QProxyStyle::drawComplexControl(control, option, painter, widget);
    }
}

void WireroomStyle::polish(QWidget *widget)
{
    QProxyStyle::polish(widget);
    if (qobject_cast<QPushButton *>(widget) || qobject_cast<QComboBox *>(widget)
        || qobject_cast<QScrollBar *>(widget) || qobject_cast<QAbstractSpinBox *>(widget))
        widget->setAttribute(Qt::WA_Hover);
}

} // namespace wireroom
