// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/frameformateditor.h"

#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace wireroom;

class TestFrameFormatEditor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void listsEveryFormat();
    void leavesOutAuto();
    void tellsWhatIsChosen();
};

void TestFrameFormatEditor::listsEveryFormat()
{
    FrameFormatEditor editor(FrameFormatEditor::Auto::With);
    QCOMPARE(editor.accessibleName(), u"Format"_s);
    QCOMPARE(editor.count(), static_cast<int>(FrameFormat::all().size()));
    for (const FrameFormat::Kind kind : FrameFormat::all()) {
        editor.setValue(FrameFormat(kind));
        QCOMPARE(editor.value(), FrameFormat(kind));
        QVERIFY(editor.currentText().startsWith(FrameFormat(kind).toString() + u' '));
    }
    editor.setValue(FrameFormat::U32LE);
    QCOMPARE(editor.currentText(), u"u32le — 4-byte little-endian"_s);
}

void TestFrameFormatEditor::leavesOutAuto()
{
    FrameFormatEditor editor(FrameFormatEditor::Auto::Without);
    QCOMPARE(editor.count(), static_cast<int>(FrameFormat::all().size()) - 1);
    editor.setValue(FrameFormat::U16BE);
    editor.setValue(FrameFormat::Auto);
    QCOMPARE(editor.value(), FrameFormat(FrameFormat::U16BE));
}

void TestFrameFormatEditor::tellsWhatIsChosen()
{
    FrameFormatEditor editor(FrameFormatEditor::Auto::Without);
    editor.setValue(FrameFormat::U32LE);
    QSignalSpy changed(&editor, &FrameFormatEditor::valueChanged);
    editor.show();
    editor.setFocus();
    QTest::keyClicks(&editor, u"lines"_s);
    QCOMPARE(editor.value(), FrameFormat(FrameFormat::Lines));
    QVERIFY(!changed.isEmpty());
    QCOMPARE(changed.last().first().value<FrameFormat>(), FrameFormat(FrameFormat::Lines));
    changed.clear();
    editor.setValue(FrameFormat::Lines);
    QVERIFY(changed.isEmpty());
}

QTEST_MAIN(TestFrameFormatEditor)
#include "tst_frameformateditor.moc"
