// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client-gui/core/clienttls.h"

#include <QDialog>

class QLabel;
class QVBoxLayout;

namespace wireroom {

/// Asks a person whether a server's certificate is to be trusted: at first contact, and with more urgency
/// where it has changed. Accepted: it is.
///
/// Owner: the client window. Thread: GUI. Nothing that the server wrote is shown but as text.
class TrustDialog : public QDialog
{
    Q_OBJECT

public:
    /// `place`: HOST:PORT.
    TrustDialog(const QString &place, const TlsQuestion &question, QWidget *parent);

    const Fingerprint &fingerprint() const { return m_question.fingerprint; }

private:
    void addHeading(QVBoxLayout *layout, const QString &place);
    void addFingerprint(QVBoxLayout *layout, const QString &name, const QString &title,
                        const Fingerprint &fingerprint, bool isOld);
    void addDetails(QVBoxLayout *layout, const QString &place);
    void addButtons(QVBoxLayout *layout);
    QLabel *newText(const QString &text);

    const TlsQuestion m_question;
};

} // namespace wireroom
