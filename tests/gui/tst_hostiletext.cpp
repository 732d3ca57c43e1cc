// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/chatpanel.h"
#include "client-gui/window/chatview.h"
#include "client-gui/window/clientwindow.h"
#include "client-gui/window/messagenotifier.h"
#include "common/widgets/errorbanner.h"
#include "common/widgets/plaintooltip.h"
#include "server-gui/window/serverwindow.h"
#include "tests/support/chatpeer.h"
#include "tests/support/scriptedchatserver.h"
#include "tests/support/windowtest.h"

#include <QAbstractItemView>
#include <QAccessible>
#include <QHelpEvent>
#include <QMenu>
#include <QMessageBox>
#include <QNetworkAccessManager>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTextDocument>
#include <QToolTip>

#include <memory>

using namespace Qt::StringLiterals;
using namespace wireroom;

namespace {

const QString kHtml = u"<img src='http://127.0.0.1:9/x'><b>bold</b>&amp;<script>"_s;

/// A text that Qt would take for HTML, in a place that guesses.
bool isTakenForHtml(const QString &text)
{
    return Qt::mightBeRichText(text) && (text.contains("<img"_L1) || text.contains("<b>"_L1));
}

bool steers(const QString &text)
{
    return std::any_of(text.begin(), text.end(), [](QChar c) {
        return (c < u' ' && c != u'\n' && c != u'\t') || (c >= QChar(0x7f) && c <= QChar(0x9f))
            || (c >= QChar(0x202a) && c <= QChar(0x202e)) || (c >= QChar(0x2066) && c <= QChar(0x2069));
    });
}

/// Everything that the window shows or tells a screen reader: as text, and with nothing in it that acts.
void verifyShownAsText(const QWidget &window)
{
    QVERIFY2(!steers(window.windowTitle()), qPrintable(window.windowTitle()));
    const auto widgets = window.findChildren<QWidget *>();
    for (const QWidget *widget : widgets) {
        const QByteArray where = widget->objectName().toUtf8() + " of " + widget->metaObject()->className();
        QVERIFY2(!isTakenForHtml(widget->toolTip()), where.constData());
        QVERIFY2(!steers(widget->toolTip()), where.constData());
        QVERIFY2(!steers(widget->accessibleName()), where.constData());
        if (const auto *label = qobject_cast<const QLabel *>(widget)) {
            QVERIFY2(label->textFormat() == Qt::PlainText || !isTakenForHtml(label->text()),
                     where.constData());
            QVERIFY2(!steers(label->text()), where.constData());
        }
    }
    const auto views = window.findChildren<QAbstractItemView *>();
    for (QAbstractItemView *view : views) {
        if (!view->model())
            continue;
        for (int row = 0; row < view->model()->rowCount(); ++row) {
            for (int column = 0; column < view->model()->columnCount(); ++column) {
                const QModelIndex index = view->model()->index(row, column);
                const QString shown = index.data().toString();
                QVERIFY2(!steers(shown), qPrintable(shown.left(200)));
                // What the view itself shows as a tooltip, by its delegate or without.
                QHelpEvent help(QEvent::ToolTip, view->visualRect(index).center(), QPoint(1, 1));
                QStyleOptionViewItem option;
                option.rect = view->visualRect(index);
                if (!view->isVisible() || !view->viewport()->rect().intersects(option.rect))
                    continue;
                view->itemDelegateForIndex(index)->helpEvent(&help, view, option, index);
                const QString toolTip = QToolTip::text();
                QVERIFY2(!isTakenForHtml(toolTip), qPrintable(toolTip.left(200)));
                QVERIFY2(!steers(toolTip), qPrintable(toolTip.left(200)));
                QToolTip::hideText();
            }
        }
    }
}

void addRows()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("HTML") << kHtml;
    QTest::newRow("override") << u"photo\u202egpj.exe\u2066x\u2069"_s;
    QTest::newRow("SQL") << u"'); DROP TABLE clients; --\"`\\"_s;
    QTest::newRow("terminal") << u"\x1b[31mred\x1b]0;title\a\u009b2J\b\b"_s;
    QTest::newRow("placeholders") << u"%1 %2 %L1 [*] &File {0} $(reboot)"_s;
    QTest::newRow("1 MiB word") << QString(1 << 20, u'w');
}

} // namespace

/// What others write does nothing but to be there to read, in both windows.
class TestHostileText : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home->path());
    }

    void inTheServersWindow_data() { addRows(); }

    void inTheServersWindow()
    {
        QFETCH(const QString, text);
        ServerOverrides overrides;
        overrides.address = u"127.0.0.1"_s;
        overrides.port = 0;
        overrides.dataDir = m_home->filePath(u"data"_s);
        ServerWindow window(overrides);
        window.resize(1100, 800);
        window.show();
        window.start();
        QTRY_VERIFY(window.server()->state() == ChatServer::State::Listening);
        const quint16 port = window.server()->listeningPort();
        auto *log = window.findChild<MessageLogModel *>();

        // A name as far as names go, a message, a goodbye, and one that is refused for its name.
        QString name = text.left(chat::kMaxNameLength).trimmed();
        const bool isName = chat::isAcceptableName(name);
        ChatPeer ann;
        QVERIFY(ann.join(port, isName ? name : u"ann"_s));
        ann.post(1, {}, text.toUtf8());
        QVERIFY(ann.waitFor<chat::Stored>());
        QTRY_VERIFY(hasEntry(*log, LogEntry::Kind::Incoming, text.left(1'000)));
        if (!isName) {
            ChatPeer bad;
            QVERIFY(bad.peer.connectTo(port));
            bad.send(chat::Hello{chat::kVersion, name, {}, 0, {}});
            const auto refused = bad.waitFor<chat::Refused>();
            QVERIFY(refused && refused->code == chat::refusal::Name);
        }
        Peer plain;
        QVERIFY(plain.connectTo(port));
        plain.send(text.toUtf8());
        QTRY_COMPARE(window.server()->state(), ChatServer::State::Listening);
        verifyShownAsText(window);
        ann.send(chat::Bye{text});
        QVERIFY(ann.waitForEnd());
        QTRY_VERIFY(hasEntry(*log, LogEntry::Kind::Note, u"It said goodbye"_s));
        auto *table = window.findChild<QTableView *>(u"messageTable"_s);
        if (table)
            table->selectRow(0);
        verifyShownAsText(window);
        QVERIFY(!window.grab().isNull());
        window.server()->stop();
        QTRY_VERIFY(window.server()->state() == ChatServer::State::Stopped);
    }

    void inTheClientsWindow_data() { addRows(); }

    /// By a server that takes no care of names.
    void inTheClientsWindow()
    {
        QFETCH(const QString, text);
        ScriptedChatServer server;
        QVERIFY(server.listen());
        server.welcome.serverName = text;
        server.welcome.roster.push_back({ClientId(3), text, chat::PresenceState::Online, 1'000'000});
        ClientOverrides overrides;
        overrides.port = server.port();
        overrides.name = u"ann"_s;
        overrides.stateDir = m_home->path();
        ClientWindow window(overrides);
        window.resize(900, 640);
        window.show();
        QStringList notified;
        connect(window.findChild<MessageNotifier *>(), &MessageNotifier::notified, this,
                [&](const QString &title, const QString &words) { notified << title << words; });
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTest::mouseClick(findNamed<QPushButton>(window, u"Connect"_s), Qt::LeftButton);
        QVERIFY(server.letIn());
        QTRY_VERIFY(window.client()->state() == ChatClient::State::Online);
        server.deliver(1, text.toUtf8());
        auto *view = window.findChild<ChatView *>();
        QTRY_VERIFY(view->model() && view->model()->rowCount() > 0);
        server.send(chat::Notice{chat::notice::SlowDown, text});
        auto *banner = window.findChild<ErrorBanner *>();
        QTRY_VERIFY(banner->isVisible());
        QCOMPARE(view->model()->index(0, 0).data(ThreadModel::BodyRole).toByteArray(), text.toUtf8());
        QVERIFY(!window.grab().isNull());
        verifyShownAsText(window);

        // Refused in words that are no better.
        server.send(chat::Refused{chat::refusal::Kicked, text});
        QTRY_VERIFY(window.client()->state() == ChatClient::State::Offline);
        verifyShownAsText(window);
        QVERIFY(!window.grab().isNull());
        for (const QString &told : notified)
            QVERIFY(!steers(told));
        // Nothing here could fetch anything.
        QVERIFY(window.findChildren<QNetworkAccessManager *>().isEmpty());
    }

    void guessesNoHtml_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("toolTip");
        QTest::addColumn<QString>("notification");
        QTest::newRow("words") << u"a & b"_s << u"a & b"_s << u"a & b"_s;
        QTest::newRow("bold") << u"<b>x</b>"_s << u"&lt;b&gt;x&lt;/b&gt;"_s << u"‹b>x‹/b>"_s;
        QTest::newRow("comparison") << u"1 < 2"_s << u"1 < 2"_s << u"1 ‹ 2"_s;
        QTest::newRow("override") << u"\u202e"_s << u"\\u202e"_s << u"\\u202e"_s;
    }

    void guessesNoHtml()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, toolTip);
        const QString made = plainToolTip(text);
        QVERIFY2(made.contains(toolTip), qPrintable(made));
        QTextDocument document;
        if (Qt::mightBeRichText(made)) {
            document.setHtml(made);
            QCOMPARE(document.toPlainText(), text);
        }
        QTEST(withoutMarkup(text), "notification");
    }

private:
    std::unique_ptr<QTemporaryDir> m_home;
};

QTEST_MAIN(TestHostileText)
#include "tst_hostiletext.moc"
