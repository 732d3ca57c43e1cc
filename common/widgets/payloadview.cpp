// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/payloadview.h"

#include "common/base/payloadtext.h"
#include "common/widgets/theme.h"

#include <QEvent>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTabBar>
#include <QTabWidget>
#include <QTextBlock>
#include <QTextCursor>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// What goes into a page at once; some ten milliseconds.
constexpr qsizetype kStepBytes = 128 * 1024;
/// A line is laid out as a whole, so an endless one would stop the window.
constexpr qsizetype kMaxLineChars = 2048;
constexpr int kTextTab = 0;
constexpr int kHexTab = 1;

/// The block state of a line that was begun only because the one before it was too long.
constexpr int kContinued = 1;

/// Text to read, whose overlong lines are several blocks; copied, they are one line again.
/// Owner: the view. GUI thread.
class PayloadPage : public QPlainTextEdit
{
public:
    using QPlainTextEdit::QPlainTextEdit;

protected:
    QMimeData *createMimeDataFromSelection() const override
    {
        const QTextCursor selection = textCursor();
        QString copied;
        QTextBlock block = document()->findBlock(selection.selectionStart());
        for (bool first = true; block.isValid() && block.position() < selection.selectionEnd();
             block = block.next(), first = false) {
            if (!first && block.userState() != kContinued)
                copied += u'\n';
            const QString line = block.text();
            const qsizetype from = std::max(0, selection.selectionStart() - block.position());
            const qsizetype to
                = std::min<qsizetype>(line.size(), selection.selectionEnd() - block.position());
            copied += QStringView(line).sliced(from, to - from);
        }
        auto *copiedData = new QMimeData;
        copiedData->setText(copied);
        return copiedData;
    }
};

QString binarySizeText(qsizetype bytes)
{
    static constexpr std::array units{"bytes"_L1, "KiB"_L1, "MiB"_L1, "GiB"_L1};
    double size = static_cast<double>(bytes);
    size_t unit = 0;
    while (size >= 1024 && unit + 1 < units.size()) {
        size /= 1024;
        ++unit;
    }
    const int decimals = unit == 0 || size == static_cast<double>(static_cast<qint64>(size)) ? 0 : 1;
    return QLocale().toString(size, 'f', decimals) + u'\u00a0' + units[unit];
}

/// The largest end, at most `end`, that does not cut a UTF-8 sequence that goes on behind it.
qsizetype characterEnd(const QByteArray &utf8, qsizetype end)
{
    if (end >= utf8.size())
        return utf8.size();
    qsizetype at = end;
    while (at > 0 && end - at < 3 && (static_cast<quint8>(utf8[at]) & 0xc0) == 0x80)
        --at;
    return (static_cast<quint8>(utf8[at]) & 0xc0) == 0x80 ? end : at;
}

} // namespace

PayloadView::PayloadView(QWidget *parent)
    : QWidget(parent), m_tabs(new QTabWidget(this)), m_filler(new QTimer(this))
{
    setObjectName(u"payloadView"_s);
    m_tabs->setObjectName(u"payloadTabs"_s);
    m_tabs->setAccessibleName(tr("Message shown as"));
    m_tabs->tabBar()->setAccessibleName(tr("Message shown as"));
    m_tabs->setDocumentMode(true);
    m_tabs->tabBar()->setDrawBase(false);
    const auto makePage = [this](const QString &name, const QString &accessibleName) {
        auto *edit = new PayloadPage(this);
        edit->setObjectName(name);
        edit->setAccessibleName(accessibleName);
        edit->setReadOnly(true);
        edit->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        edit->setUndoRedoEnabled(false);
        edit->setTabChangesFocus(true);
        edit->setFrameShape(QFrame::NoFrame);
        edit->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
        edit->document()->setDocumentMargin(kGrid);
        return Page{.edit = edit, .filledBytes = 0};
    };
    m_text = makePage(u"payloadText"_s, tr("Message as text"));
    m_text.edit->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_hex = makePage(u"payloadHex"_s, tr("Message as hex"));
    m_hex.edit->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_tabs->addTab(m_text.edit, tr("Text"));
    m_tabs->addTab(m_hex.edit, tr("Hex"));

    m_moreBar = new QWidget(this);
    m_moreLabel = new QLabel(m_moreBar);
    m_moreLabel->setObjectName(u"payloadShown"_s);
    const auto makeButton = [this](const QString &text, const QString &name, const QString &accessibleName) {
        auto *button = new QPushButton(text, m_moreBar);
        button->setObjectName(name);
        button->setAccessibleName(accessibleName);
        return button;
    };
    m_nextButton = makeButton({}, u"payloadNext"_s, tr("Next piece"));
    m_allButton = makeButton(tr("All"), u"payloadAll"_s, tr("All of the message"));
    auto *bar = new QHBoxLayout(m_moreBar);
    bar->setContentsMargins(kGrid, kGrid / 2, kGrid, kGrid / 2);
    bar->addWidget(m_moreLabel, 1);
    bar->addWidget(m_nextButton);
    bar->addWidget(m_allButton);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(m_moreBar);

    connect(m_nextButton, &QPushButton::clicked, this, [this] { showMore(kPieceBytes); });
    connect(m_allButton, &QPushButton::clicked, this, [this] { showMore(m_payload.size() - m_shownBytes); });
    connect(m_tabs, &QTabWidget::currentChanged, this, [this](int tab) {
        m_prefersHex = tab == kHexTab;
        fitHexLines();
        fill();
    });
    m_filler->setSingleShot(true);
    connect(m_filler, &QTimer::timeout, this, &PayloadView::fill);
    tint();
    updateMoreBar();
}

void PayloadView::setPayload(const QByteArray &payload)
{
    m_payload = payload;
    m_isText = isShownAsText(payload);
    m_shownBytes = std::min(payload.size(), kPieceBytes);
    // What is no text is shown in hex, without forgetting what the person prefers.
    const QSignalBlocker blocker(m_tabs);
    m_tabs->setTabText(kTextTab, m_isText ? tr("Text") : tr("Text (not UTF-8)"));
    m_tabs->setCurrentIndex(m_prefersHex || !m_isText ? kHexTab : kTextTab);
    m_renderedBytesPerLine = bytesPerLine();
    render();
}

void PayloadView::clear()
{
    setPayload({});
}

void PayloadView::showMore(qsizetype bytes)
{
    m_shownBytes = std::min(m_payload.size(), m_shownBytes + bytes);
    updateMoreBar();
    fill();
}

void PayloadView::render()
{
    m_openLineChars = 0;
    for (Page *page : {&m_text, &m_hex}) {
        page->edit->clear();
        page->filledBytes = 0;
    }
    updateMoreBar();
    fill();
}

void PayloadView::fill()
{
    const bool isHex = m_tabs->currentIndex() == kHexTab;
    Page &page = isHex ? m_hex : m_text;
    const bool isFirst = page.filledBytes == 0;
    qsizetype end = std::min(m_shownBytes, page.filledBytes + kStepBytes);
    if (!isHex && m_isText)
        end = characterEnd(m_payload, end);
    if (end <= page.filledBytes)
        return;
    if (isHex)
        appendHex(page.filledBytes, end - page.filledBytes);
    else
        appendText(page.filledBytes, end - page.filledBytes);
    page.filledBytes = end;
    if (isFirst)
        page.edit->moveCursor(QTextCursor::Start);
    m_filler->start(0);
}

void PayloadView::appendText(qsizetype from, qsizetype bytes)
{
    const QString text = payloadText(QByteArrayView(m_payload).sliced(from, bytes));
    QTextCursor cursor(m_text.edit->document());
    cursor.beginEditBlock();
    cursor.movePosition(QTextCursor::End);
    qsizetype at = 0;
    while (at < text.size()) {
        if (m_openLineChars >= kMaxLineChars) {
            cursor.insertBlock();
            cursor.block().setUserState(kContinued);
            m_openLineChars = 0;
        }
        const qsizetype lineEnd = text.indexOf(u'\n', at);
        qsizetype end = std::min(lineEnd < 0 ? text.size() : lineEnd, at + kMaxLineChars - m_openLineChars);
        if (end < text.size() && end > at && text[end].isLowSurrogate())
            ++end;
        cursor.insertText(text.sliced(at, end - at));
        m_openLineChars += end - at;
        at = end;
        if (at == lineEnd) {
            cursor.insertBlock();
            cursor.block().setUserState(-1);
            m_openLineChars = 0;
            ++at;
        }
    }
    cursor.endEditBlock();
}

void PayloadView::appendHex(qsizetype from, qsizetype bytes)
{
    QTextCursor cursor(m_hex.edit->document());
    cursor.movePosition(QTextCursor::End);
    const QString dump = payloadHexDump(QByteArrayView(m_payload).sliced(from, bytes), m_renderedBytesPerLine,
                                        static_cast<quint64>(from));
    cursor.insertText(from == 0 ? dump : u'\n' + dump);
}

void PayloadView::updateMoreBar()
{
    const qsizetype rest = m_payload.size() - m_shownBytes;
    m_moreBar->setVisible(rest > 0);
    m_moreLabel->setText(
        tr("Showing %1 of %2").arg(binarySizeText(m_shownBytes), binarySizeText(m_payload.size())));
    m_nextButton->setText(tr("Next %1").arg(binarySizeText(std::min(rest, kPieceBytes))));
    m_allButton->setVisible(m_payload.size() <= kLargestWholeBytes);
}

/// As many bytes a line as there is room for, which a new width may change.
void PayloadView::fitHexLines()
{
    if (m_renderedBytesPerLine == bytesPerLine())
        return;
    m_renderedBytesPerLine = bytesPerLine();
    m_hex.edit->clear();
    m_hex.filledBytes = 0;
    if (m_tabs->currentIndex() == kHexTab)
        fill();
}

int PayloadView::bytesPerLine() const
{
    // The tab that is not shown has not got its size yet.
    const int frame = 2 * qRound(m_hex.edit->document()->documentMargin())
        + m_hex.edit->verticalScrollBar()->sizeHint().width();
    for (const int bytes : {16, 8}) {
        const QString line = payloadHexDump(QByteArray(bytes, '0'), bytes);
        if (m_hex.edit->fontMetrics().horizontalAdvance(line) + frame <= width())
            return bytes;
    }
    return 4;
}

void PayloadView::tint()
{
    QPalette palette = m_moreLabel->palette();
    palette.setColor(QPalette::WindowText, themeColors(palette).muted);
    m_moreLabel->setPalette(palette);
}

void PayloadView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitHexLines();
}

void PayloadView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        tint();
    else if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        fitHexLines();
}

} // namespace wireroom
