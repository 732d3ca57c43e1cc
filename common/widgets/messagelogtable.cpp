// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messagelogtable.h"

#include "common/widgets/icons.h"
#include "common/widgets/messagelogdelegate.h"
#include "common/widgets/messagelogmodel.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollBar>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kFromWidth = 12 * kGrid;
constexpr int kToWidth = 10 * kGrid;
constexpr std::array kFixedColumns{MessageLogModel::TimeColumn, MessageLogModel::FromColumn,
                                   MessageLogModel::ToColumn, MessageLogModel::SizeColumn};

/// The pill over the rows that leads back to their end.
class PillButton : public QPushButton
{
public:
    using QPushButton::QPushButton;

    QSize sizeHint() const override
    {
        const QFontMetrics metrics = fontMetrics();
        return {metrics.horizontalAdvance(text()) + kIconSize + 4 * kGrid,
                std::max(metrics.height() + kGrid, 3 * kGrid + kGrid / 2)};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const ThemeColors colors = themeColors(palette());
        const qreal radius = height() / 2.0;
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.accent);
        painter.drawRoundedRect(rect(), radius, radius);
        if (underMouse()) {
            QColor veil = colors.accentText;
            veil.setAlphaF(isDown() ? 0.22f : 0.1f);
            painter.setBrush(veil);
            painter.drawRoundedRect(rect(), radius, radius);
        }
        const QRect symbol(kGrid + kGrid / 2, (height() - kIconSize) / 2, kIconSize, kIconSize);
        painter.drawPixmap(symbol,
                           iconPixmap(IconName::Latest, colors.accentText, kIconSize, devicePixelRatioF()));
        painter.setPen(colors.accentText);
        painter.drawText(rect().adjusted(symbol.right() + kGrid / 2, 0, 0, 0),
                         Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text());
    }

private:
    static constexpr int kIconSize = 2 * kGrid;
};

} // namespace

MessageLogTable::MessageLogTable(MessageLogModel *model, QWidget *parent) : QTableView(parent), m_model(model)
{
    setObjectName(u"messages"_s);
    setAccessibleName(tr("Messages"));
    // Before the table connects itself, so that it is asked to keep still before rows go.
    connectModel();
    setModel(model);
    // After the table's own, which makes room for them.
    connect(m_model, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex &, int first, int last) {
                if (first == 0)
                    handleRowsInFront(last + 1);
            });
    setItemDelegate(new MessageLogDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setMouseTracking(true);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setMinimumHeight(8 * kGrid);

    verticalHeader()->setVisible(false);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    QHeaderView *columns = horizontalHeader();
    columns->setObjectName(u"messagesHeader"_s);
    columns->setSectionResizeMode(QHeaderView::Interactive);
    columns->setHighlightSections(false);
    columns->setSectionsClickable(false);
    columns->setMinimumSectionSize(5 * kGrid);
    columns->setStretchLastSection(true);
    setColumnWidth(MessageLogModel::FromColumn, kFromWidth);
    setColumnWidth(MessageLogModel::ToColumn, kToWidth);
    fitToFont();

    m_jumpButton = new PillButton(this);
    m_jumpButton->setObjectName(u"jumpToLatest"_s);
    m_jumpButton->setAccessibleName(tr("Latest messages"));
    m_jumpButton->setToolTip(tr("Go to the newest message and follow (End)"));
    m_jumpButton->setFocusPolicy(Qt::NoFocus);
    m_jumpButton->hide();
    connect(m_jumpButton, &QPushButton::clicked, this, &MessageLogTable::jumpToEnd);

    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &MessageLogTable::handleScrolled);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, [this] {
        if (m_followsEnd)
            jumpToEnd();
    });
    connect(this, &QAbstractItemView::doubleClicked, this,
            [this](const QModelIndex &index) { Q_EMIT rowActivated(index.row()); });
}

void MessageLogTable::connectModel()
{
    connect(
        m_model, &QAbstractItemModel::rowsAboutToBeRemoved, this,
        [this](const QModelIndex &, int first, int last) { handleRowsAboutToBeRemoved(last - first + 1); });
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, [this] {
        m_losingRows = false;
        setAutoScroll(true);
    });
    connect(
        m_model, &QAbstractItemModel::rowsInserted, this,
        [this](const QModelIndex &, int first, int last) { handleRowsInserted(first, last - first + 1); });
}

void MessageLogTable::handleRowsAboutToBeRemoved(int count)
{
    // The current row may be among them; the table would scroll to the one that becomes current instead.
    setAutoScroll(false);
    m_losingRows = true;
    if (m_followsEnd)
        return;
    const QScopedValueRollback scrolling(m_scrolling, true);
    verticalScrollBar()->setValue(verticalScrollBar()->value()
                                  - count * verticalHeader()->defaultSectionSize());
}

void MessageLogTable::handleRowsInserted(int first, int count)
{
    // Where the end is followed, the scroll bar's new range, which comes with the next layout, leads there.
    if (m_followsEnd)
        return;
    // Older ones are none to catch up with.
    if (first == 0)
        return;
    m_newRows += static_cast<quint64>(count);
    updateJumpButton();
}

/// What is being read stays where it is.
void MessageLogTable::handleRowsInFront(int count)
{
    if (m_followsEnd)
        return;
    const QScopedValueRollback scrolling(m_scrolling, true);
    const int value = verticalScrollBar()->value();
    updateGeometries();
    verticalScrollBar()->setValue(value + count * verticalHeader()->defaultSectionSize());
}

void MessageLogTable::handleScrolled(int value)
{
    if (m_hoverY >= 0)
        viewport()->update();
    if (m_scrolling)
        return;
    m_followsEnd = value >= verticalScrollBar()->maximum();
    if (m_followsEnd)
        m_newRows = 0;
    updateJumpButton();
    if (value == verticalScrollBar()->minimum() && !m_followsEnd)
        Q_EMIT startReached();
}

void MessageLogTable::jumpToEnd()
{
    const QScopedValueRollback scrolling(m_scrolling, true);
    m_followsEnd = true;
    m_newRows = 0;
    verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    updateJumpButton();
}

void MessageLogTable::updateJumpButton()
{
    m_jumpButton->setVisible(!m_followsEnd);
    if (m_followsEnd)
        return;
    m_jumpButton->setText(m_newRows == 0 ? tr("Latest") : tr("Latest (%1 new)").arg(countText(m_newRows)));
    placeJumpButton();
}

void MessageLogTable::placeJumpButton()
{
    const QSize size = m_jumpButton->sizeHint();
    const QRect area = viewport()->geometry();
    m_jumpButton->setGeometry(QRect(
        QPoint(area.right() + 1 - size.width() - kGrid, area.bottom() + 1 - size.height() - kGrid), size));
}

int MessageLogTable::hoveredRow() const
{
    return m_hoverY < 0 ? -1 : rowAt(m_hoverY);
}

void MessageLogTable::setHoverY(int y)
{
    const int before = hoveredRow();
    m_hoverY = y;
    const int now = hoveredRow();
    if (now == before)
        return;
    updateRow(before);
    updateRow(now);
}

void MessageLogTable::updateRow(int row)
{
    if (row >= 0)
        viewport()->update(0, rowViewportPosition(row), viewport()->width(), rowHeight(row));
}

std::vector<int> MessageLogTable::selectedRows() const
{
    std::vector<int> rows;
    const QItemSelection selection = selectionModel()->selection();
    for (const QItemSelectionRange &range : selection) {
        for (int row = range.top(); row <= range.bottom(); ++row)
            rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

std::optional<quint64> MessageLogTable::selectedSerial() const
{
    const QModelIndex current = currentIndex();
    if (!current.isValid() || !selectionModel()->isSelected(current))
        return std::nullopt;
    return m_model->serial(current.row());
}

void MessageLogTable::selectSerial(std::optional<quint64> serial)
{
    if (!serial)
        return;
    int low = 0;
    int high = m_model->rowCount();
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (m_model->serial(middle) < *serial)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == m_model->rowCount() || m_model->serial(low) != *serial)
        return;
    const bool followed = m_followsEnd;
    selectRow(low);
    if (followed)
        jumpToEnd();
    else
        scrollTo(m_model->index(low, MessageLogModel::TimeColumn), QAbstractItemView::PositionAtCenter);
}

std::vector<int> MessageLogTable::columnWidths() const
{
    std::vector<int> widths;
    for (const int column : kFixedColumns)
        widths.push_back(isColumnHidden(column) ? 0 : columnWidth(column));
    return widths;
}

void MessageLogTable::setColumnWidths(const std::vector<int> &widths)
{
    for (size_t i = 0; i < std::min(widths.size(), kFixedColumns.size()); ++i) {
        if (widths[i] > 0 && !isColumnHidden(kFixedColumns[i]))
            setColumnWidth(kFixedColumns[i], widths[i]);
    }
}

void MessageLogTable::fitToFont()
{
    const QFontMetrics metrics = fontMetrics();
    const int height = std::max(3 * kGrid, metrics.height() + kGrid);
    verticalHeader()->setMinimumSectionSize(height);
    verticalHeader()->setDefaultSectionSize(height);
    setColumnWidth(MessageLogModel::TimeColumn,
                   MessageLogDelegate::figuresWidth(metrics, u"00:00:00.000"_s) + 2 * kGrid);
    setColumnWidth(MessageLogModel::SizeColumn, MessageLogDelegate::figuresWidth(metrics, u"00,000 B"_s));
}

void MessageLogTable::keyPressEvent(QKeyEvent *event)
{
    const int rows = m_model->rowCount();
    const bool plain = (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (currentIndex().isValid())
            Q_EMIT rowActivated(currentIndex().row());
        return;
    case Qt::Key_Escape:
        clearSelection();
        return;
    case Qt::Key_Home:
    case Qt::Key_End:
        // In a log they mean the first and the last message, not the first and the last column.
        if (!plain || rows == 0)
            break;
        selectRow(event->key() == Qt::Key_Home ? 0 : rows - 1);
        if (event->key() == Qt::Key_End)
            jumpToEnd();
        return;
    default:
        break;
    }
    QTableView::keyPressEvent(event);
}

bool MessageLogTable::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::MouseMove)
        setHoverY(static_cast<QMouseEvent *>(event)->position().toPoint().y());
    else if (event->type() == QEvent::Leave)
        setHoverY(-1);
    else if (event->type() == QEvent::Resize && m_jumpButton)
        placeJumpButton();
    return QTableView::viewportEvent(event);
}

void MessageLogTable::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange && m_jumpButton)
        fitToFont();
    QTableView::changeEvent(event);
}

} // namespace wireroom
