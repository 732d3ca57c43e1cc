// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/settingsdialog.h"

#include "common/widgets/rule.h"
#include "common/widgets/theme.h"
#include "server-gui/window/encryptionpage.h"
#include "server-gui/window/generalpage.h"
#include "server-gui/window/historypage.h"
#include "server-gui/window/limitspage.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStyle>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

/// As high as its page where there is room; a long page and a low screen scroll.
class PageArea : public QScrollArea
{
public:
    static constexpr int kMostHeight = 72 * kGrid;

    explicit PageArea(SettingsPage *page)
    {
        setObjectName(page->objectName() % u"Area"_s);
        setFrameShape(QFrame::NoFrame);
        setWidgetResizable(true);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        setFocusPolicy(Qt::NoFocus);
        setWidget(page);
        page->setAutoFillBackground(false);
        viewport()->setAutoFillBackground(false);
    }

    QSize sizeHint() const override
    {
        const QSize page = widget()->sizeHint();
        return page.height() <= kMostHeight
            ? page
            : QSize(page.width() + style()->pixelMetric(QStyle::PM_ScrollBarExtent), kMostHeight);
    }

    QSize minimumSizeHint() const override { return QSize(widget()->minimumSizeHint().width(), 20 * kGrid); }
};

} // namespace

SettingsDialog::SettingsDialog(const ServerConfig &config, const ServerConfig *inForce,
                               AccessPage::SetPassword setPassword, QWidget *parent)
    : QDialog(parent), m_config(config), m_tabs(new QTabWidget(this)),
      m_access(new AccessPage(config, inForce, std::move(setPassword), this)), m_problem(makeProblem())
{
    setObjectName(u"settingsDialog"_s);
    setWindowTitle(u"Settings"_s);
    m_tabs->setObjectName(u"settingsPages"_s);
    m_tabs->setAccessibleName(u"Pages"_s);
    m_tabs->tabBar()->setAccessibleName(u"Pages"_s);
    m_tabs->setDocumentMode(true);
    m_tabs->tabBar()->setDrawBase(false);
    addPage(new GeneralPage(config, this), u"General"_s);
    addPage(m_access, u"Access"_s);
    addPage(new LimitsPage(config, inForce, this), u"Limits"_s);
    addPage(new HistoryPage(config, this), u"History"_s);
    addPage(new EncryptionPage(config, this), u"Encryption"_s);

    auto *when = new QLabel(inForce ? u"The server that is listening goes on with what it was started with; "
                                      "changes count from the next Start."_s
                                    : u"Changes count from the next Start."_s,
                            this);
    when->setWordWrap(true);
    QPalette quiet = when->palette();
    quiet.setColor(QPalette::WindowText, themeColors(palette()).muted);
    when->setPalette(quiet);

    auto *foot = new QVBoxLayout;
    foot->setContentsMargins(3 * kGrid, 2 * kGrid, 3 * kGrid, 2 * kGrid);
    foot->setSpacing(2 * kGrid);
    foot->addWidget(m_problem);
    foot->addWidget(when);
    foot->addWidget(makeButtons());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kGrid, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(new Rule(this));
    layout->addLayout(foot);
}

void SettingsDialog::showAccess()
{
    m_tabs->setCurrentIndex(int(m_pages.indexOf(m_access)));
    m_access->focusPassword();
}

void SettingsDialog::addPage(SettingsPage *page, const QString &title)
{
    page->setObjectName(u"settings"_s % title % u"Page"_s);
    connect(page, &SettingsPage::edited, m_problem, &QWidget::hide);
    m_pages.append(page);
    m_tabs->addTab(new PageArea(page), title);
}

QLabel *SettingsDialog::makeProblem()
{
    auto *problem = new QLabel(this);
    problem->setObjectName(u"settingsProblem"_s);
    problem->setTextFormat(Qt::PlainText);
    problem->setWordWrap(true);
    QPalette loud = problem->palette();
    loud.setColor(QPalette::WindowText, themeColors(palette()).error);
    problem->setPalette(loud);
    problem->hide();
    return problem;
}

QDialogButtonBox *SettingsDialog::makeButtons()
{
    auto *box = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    box->setObjectName(u"settingsButtons"_s);
    setPrimary(box->button(QDialogButtonBox::Ok));
    const QList<QAbstractButton *> buttons = box->buttons();
    for (QAbstractButton *button : buttons) {
        button->setIcon({});
        button->setObjectName(u"settings"_s % button->text().remove(u'&'));
        button->setAccessibleName(button->text().remove(u'&'));
    }
    connect(box, &QDialogButtonBox::accepted, this, &SettingsDialog::accept);
    connect(box, &QDialogButtonBox::rejected, this, &SettingsDialog::reject);
    return box;
}

void SettingsDialog::accept()
{
    for (int index = 0; index < m_pages.size(); ++index) {
        const std::optional<SettingsPage::Problem> problem = m_pages.at(index)->problem();
        if (!problem)
            continue;
        m_tabs->setCurrentIndex(index);
        m_problem->setText(problem->text);
        m_problem->show();
        problem->field->setFocus();
        return;
    }
    QDialog::accept();
}

ServerConfig SettingsDialog::config() const
{
    ServerConfig config = m_config;
    for (const SettingsPage *page : m_pages)
        page->applyTo(config);
    return config;
}

} // namespace wireroom
