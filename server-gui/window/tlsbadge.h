// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/serverevents.h"

#include <QToolButton>

#include <optional>

namespace wireroom {

/// Beside the server's status: whether clients can encrypt. A click shows the certificate's fingerprint, to
/// be compared with what a client shows, and copies it.
///
/// Owner: the listen panel. Thread: GUI.
class TlsBadge : public QToolButton
{
    Q_OBJECT

public:
    explicit TlsBadge(QWidget *parent = nullptr);

    void showReady(const TlsReady &tls);
    /// The server listens without TLS, and others can reach it.
    void showOff();
    void clear();

    /// Of the picture and the words alone, so that they end in line with what is above and below.
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void tint();
    void openPopup();

    std::optional<TlsReady> m_tls;
};

} // namespace wireroom
