// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server-gui/core/ban.h"

#include <QDialog>

class QButtonGroup;
class QComboBox;
class QLabel;
class QLineEdit;
class QRadioButton;
class QVBoxLayout;

namespace wireroom {

/// Asks who is banned, for how long and why.
///
/// Owner: the window that opens it. Thread: GUI. Bans nobody itself.
class BanDialog : public QDialog
{
    Q_OBJECT

public:
    /// Who is proposed. All may be missing: then an address or a network is to be typed.
    struct Proposal
    {
        std::optional<ClientId> id; ///< of a chat client
        QString name;               ///< as it is shown elsewhere
        QHostAddress address;       ///< null where it is not connected
    };

    explicit BanDialog(const Proposal &proposal, QWidget *parent = nullptr);

    /// Valid once it was accepted.
    BanTarget who() const;
    std::chrono::seconds time() const; ///< 0: until it is lifted
    QString reason() const;

    void accept() override;

private:
    QRadioButton *addChoice(QVBoxLayout *layout, const QString &objectName, const QString &text,
                            const QString &note);
    QLayout *makeWho(const Proposal &proposal);
    QLayout *makeTerms();
    Result<BanTarget> chosen() const;

    std::optional<ClientId> m_id;
    QHostAddress m_address;
    QRadioButton *m_byId = nullptr;
    QRadioButton *m_byAddress = nullptr;
    QRadioButton *m_byNetwork = nullptr;
    QLineEdit *m_network = nullptr;
    QComboBox *m_time = nullptr;
    QLineEdit *m_reason = nullptr;
    QLabel *m_problem = nullptr;
};

} // namespace wireroom
