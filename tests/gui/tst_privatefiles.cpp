// SPDX-License-Identifier: Apache-2.0
#include "client-gui/window/clientwindow.h"
#include "common/base/terminalprogram.h"
#include "server-gui/window/serverwindow.h"
#include "tests/support/runningserver.h"

#include <QDirIterator>
#include <QSettings>
#include <QTemporaryDir>

#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace wireroom;

/// What the windows write is its owner's alone, whatever the umask was when they were started.
class TestPrivateFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:

    void initTestCase()
    {
        ::umask(0);
        introduceProgram(u"wireroom-test"_s);
        const mode_t now = ::umask(0);
        QCOMPARE(int(now), 0077);
        ::umask(now);
    }

    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home->filePath(u"config"_s));
    }

    void ofTheServer()
    {
        ServerOverrides overrides;
        overrides.address = u"127.0.0.1"_s;
        overrides.port = 0;
        overrides.dataDir = m_home->filePath(u"some/data"_s);
        ServerWindow window(overrides);
        window.show();
        window.start();
        QTRY_VERIFY(window.server()->state() == ChatServer::State::Listening);
        bool isSet = false;
        window.server()->setRoomPassword({}, u"open sesame"_s,
                                         [&](const Result<bool> &result) { isSet = bool(result); });
        QTRY_VERIFY_WITH_TIMEOUT(isSet, 20'000);
        verifyPrivate({u"history.db"_s, u"history.db-wal"_s, u"password"_s, u"server.lock"_s});
        window.close();
        verifyPrivate({u"wireroom-server.ini"_s});
    }

    void ofTheClient()
    {
        RunningServer server;
        QVERIFY(server.start());
        ClientOverrides overrides;
        overrides.port = server.port();
        overrides.name = u"Ann"_s;
        overrides.stateDir = m_home->filePath(u"some/state"_s);
        ClientWindow window(overrides);
        window.show();
        ClientConfig config;
        config.port = server.port();
        config.chat = ChatIdentity{.name = u"Ann"_s, .stateDir = *overrides.stateDir};
        window.client()->connectToServer(config);
        QTRY_VERIFY(window.client()->state() == ChatClient::State::Online);
        verifyPrivate({u"token"_s, u"outbox"_s});
        window.close();
        verifyPrivate({u"wireroom.ini"_s});
    }

private:
    void verifyPrivate(const QStringList &expected)
    {
        QStringList names;
        QDirIterator entries(m_home->path(), QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot,
                             QDirIterator::Subdirectories);
        while (entries.hasNext()) {
            entries.next();
            struct stat status;
            if (::lstat(QFile::encodeName(entries.filePath()).constData(), &status) != 0)
                continue; // gone meanwhile
            const int mode = int(status.st_mode & 07777);
            QVERIFY2(mode == (S_ISDIR(status.st_mode) ? 0700 : 0600), qPrintable(entries.filePath()));
            names << entries.fileName();
        }
        for (const QString &name : expected)
            QVERIFY2(names.contains(name), qPrintable(name % u" is not in " % names.join(u' ')));
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

QTEST_MAIN(TestPrivateFiles)
#include "tst_privatefiles.moc"
