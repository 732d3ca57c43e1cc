// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTabWidget;

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

    explicit PayloadView(QWidget *parent = nullptr);

    void setPayload(const QByteArray &payload);
    void clear();

    const QByteArray &payload() const { return m_payload; }

    /// How many bytes, from the payload's beginning, are shown.
    qsizetype shownBytes() const { return m_shownBytes; }

protected:
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void showMore(qsizetype bytes);
    void render();
    int bytesPerLine() const;

    QByteArray m_payload;
    qsizetype m_shownBytes = 0;
    int m_renderedBytesPerLine = 0;
    QTabWidget *m_tabs = nullptr;
    QPlainTextEdit *m_text = nullptr;
    QPlainTextEdit *m_hex = nullptr;
    QWidget *m_moreBar = nullptr;
    QLabel *m_moreLabel = nullptr;
    QPushButton *m_nextButton = nullptr;
    QPushButton *m_allButton = nullptr;
};

} // namespace wireroom
