// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTabWidget;
class QTimer;

namespace wireroom {

/// One payload to read: as text and as a hex dump. Of a large one the first 64 KiB are shown, further pieces
/// or all of it on demand.
///
/// Owner: its parent widget. Thread: GUI. Shares the payload's bytes, copies nothing but what is shown.
class PayloadView : public QWidget
{
    Q_OBJECT

public:
    static constexpr qsizetype kPieceBytes = 64 * 1024;
    /// A larger payload is shown in pieces only: its dump would take gigabytes of memory.
    static constexpr qsizetype kLargestWholeBytes = 64 * 1024 * 1024;

    explicit PayloadView(QWidget *parent = nullptr);

    void setPayload(const QByteArray &payload);
    void clear();

    const QByteArray &payload() const { return m_payload; }

    /// How many bytes, from the payload's beginning, are shown. (Many come into the pages step by step,
    /// between which the window lives.)
    qsizetype shownBytes() const { return m_shownBytes; }

protected:
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    /// One of the two ways to read the payload.
    struct Page
    {
        QPlainTextEdit *edit = nullptr;
        qsizetype filledBytes = 0; ///< of shownBytes()
    };

    void showMore(qsizetype bytes);
    void render();
    /// Puts the next step of what is to be shown into the visible page, and calls itself until all is there.
    void fill();
    void appendText(qsizetype from, qsizetype bytes);
    void appendHex(qsizetype from, qsizetype bytes);
    void updateMoreBar();
    void fitHexLines();
    void tint();
    int bytesPerLine() const;

    QByteArray m_payload;
    bool m_isText = true;
    bool m_prefersHex = false; ///< the tab that the person chose
    qsizetype m_shownBytes = 0;
    qsizetype m_openLineChars = 0; ///< in the text's last line
    int m_renderedBytesPerLine = 16;
    QTabWidget *m_tabs = nullptr;
    Page m_text;
    Page m_hex;
    QTimer *m_filler = nullptr;
    QWidget *m_moreBar = nullptr;
    QLabel *m_moreLabel = nullptr;
    QPushButton *m_nextButton = nullptr;
    QPushButton *m_allButton = nullptr;
};

} // namespace wireroom
