// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/messagedetail.h"

#include "common/widgets/messagelogmodel.h"
#include "common/widgets/numbertext.h"
#include "common/widgets/payloadview.h"
#include "common/widgets/theme.h"

#include <QEvent>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

QString titleOf(const LogEntry &entry)
{
    switch (entry.kind) {
    case LogEntry::Kind::Note:
        return MessageDetail::tr("Note");
    case LogEntry::Kind::Error:
        return MessageDetail::tr("Error");
    case LogEntry::Kind::Incoming:
    case LogEntry::Kind::Outgoing:
        break;
    }
    return entry.to.isEmpty() ? entry.from : u"%1 → %2"_s.arg(entry.from, entry.to);
}

QString factsOf(const LogEntry &entry)
{
    const QDateTime time = entry.time.toLocalTime();
    const QString when
        = QLocale().toString(time.date(), QLocale::ShortFormat) + u' ' + time.toString(u"HH:mm:ss.zzz"_s);
    if (!entry.isMessage())
        return when;
    const auto bytes = static_cast<quint64>(entry.payload.size());
    return u"%1 · %2 %3"_s.arg(when, countText(bytes),
                               bytes == 1 ? MessageDetail::tr("byte") : MessageDetail::tr("bytes"));
}

} // namespace

MessageDetail::MessageDetail(QWidget *parent) : QWidget(parent)
{
    setObjectName(u"messageDetail"_s);
    setMinimumSize(32 * kGrid, 14 * kGrid);
    m_title = new QLabel(this);
    m_title->setObjectName(u"messageDetailTitle"_s);
    QFont bold = m_title->font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_facts = new QLabel(this);
    m_facts->setObjectName(u"messageDetailFacts"_s);
    m_hint = new QLabel(tr("Select a message to read all of it here."), this);
    m_hint->setObjectName(u"messageDetailHint"_s);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setMargin(2 * kGrid);
    for (QLabel *label : {m_title, m_facts, m_hint}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_payloadView = new PayloadView(this);

    auto *head = new QVBoxLayout;
    head->setContentsMargins(kGrid, kGrid / 2, kGrid, kGrid / 2);
    head->setSpacing(0);
    head->addWidget(m_title);
    head->addWidget(m_facts);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_payloadView, 1);
    layout->addWidget(m_hint, 1);
    tint();
    clear();
}

void MessageDetail::showEntry(const LogEntry &entry)
{
    m_title->setText(titleOf(entry));
    m_facts->setText(factsOf(entry));
    m_payloadView->setPayload(entry.payload);
    m_hint->hide();
    for (QWidget *part : {static_cast<QWidget *>(m_title), static_cast<QWidget *>(m_facts),
                          static_cast<QWidget *>(m_payloadView)})
        part->show();
}

void MessageDetail::clear()
{
    for (QWidget *part : {static_cast<QWidget *>(m_title), static_cast<QWidget *>(m_facts),
                          static_cast<QWidget *>(m_payloadView)})
        part->hide();
    m_hint->show();
    m_title->clear();
    m_facts->clear();
    m_payloadView->clear();
}

void MessageDetail::changeEvent(QEvent *event)
{
    if (m_hint && (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange))
        tint();
    QWidget::changeEvent(event);
}

void MessageDetail::tint()
{
    QPalette quiet = palette();
    quiet.setColor(QPalette::WindowText, themeColors(quiet).muted);
    m_facts->setPalette(quiet);
    m_hint->setPalette(quiet);
}

} // namespace wireroom
