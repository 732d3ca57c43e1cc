// SPDX-License-Identifier: Apache-2.0
#include "common/widgets/icons.h"

#include <QApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

/// The pictures lie in a static library, which the linker leaves out unless they are asked for by name; the
/// macro wants the global namespace.
static void loadPictures()
{
    static const bool loaded = [] {
        Q_INIT_RESOURCE(icons);
        return true;
    }();
    Q_UNUSED(loaded);
}

namespace wireroom {

namespace {

/// The sizes that the masks come in, in pixels.
constexpr std::array kMaskSizes{16, 24, 32, 48};

QLatin1StringView fileName(IconName name)
{
    switch (name) {
    case IconName::Address:
        return "address"_L1;
    case IconName::Clear:
        return "clear"_L1;
    case IconName::Clients:
        return "clients"_L1;
    case IconName::Connect:
        return "connect"_L1;
    case IconName::Copy:
        return "copy"_L1;
    case IconName::Detail:
        return "detail"_L1;
    case IconName::Disconnect:
        return "disconnect"_L1;
    case IconName::Error:
        return "error"_L1;
    case IconName::Export:
        return "export"_L1;
    case IconName::Filter:
        return "filter"_L1;
    case IconName::Incoming:
        return "incoming"_L1;
    case IconName::Latest:
        return "latest"_L1;
    case IconName::Lock:
        return "lock"_L1;
    case IconName::Message:
        return "message"_L1;
    case IconName::Note:
        return "note"_L1;
    case IconName::Outgoing:
        return "outgoing"_L1;
    case IconName::Search:
        return "search"_L1;
    case IconName::Send:
        return "send"_L1;
    case IconName::Settings:
        return "settings"_L1;
    case IconName::Start:
        return "start"_L1;
    case IconName::Stop:
        return "stop"_L1;
    case IconName::Unlock:
        return "unlock"_L1;
    }
    return "message"_L1;
}

/// The mask in so many pixels, scaled down from a larger one where there is none.
QImage mask(IconName name, int pixels)
{
    const auto size
        = std::find_if(kMaskSizes.begin(), kMaskSizes.end(), [pixels](int s) { return s >= pixels; });
    const int stored = size == kMaskSizes.end() ? kMaskSizes.back() : *size;
    loadPictures();
    const QImage image = QImage(u":/wireroom/icons/%1-%2.png"_s.arg(fileName(name)).arg(stored))
                             .convertToFormat(QImage::Format_ARGB32_Premultiplied);
    if (stored == pixels)
        return image;
    return image.scaled(pixels, pixels, Qt::KeepAspectRatio, Qt::SmoothTransformation);
}

/// Tints at the moment of painting, so that an icon made once fits whatever palette comes later.
class MaskIconEngine : public QIconEngine
{
public:
    explicit MaskIconEngine(IconName name) : m_name(name) { }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const int size = std::min(rect.width(), rect.height());
        QRect square(0, 0, size, size);
        square.moveCenter(rect.center());
        const qreal ratio = painter->device()->devicePixelRatio();
        painter->drawPixmap(square, iconPixmap(m_name, color(mode), size, ratio));
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State) override
    {
        return iconPixmap(m_name, color(mode), std::min(size.width(), size.height()), 1);
    }

    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State, qreal scale) override
    {
        // `size` is in the screen's pixels already; Qt sets the ratio on what it gets.
        Q_UNUSED(scale);
        return iconPixmap(m_name, color(mode), std::min(size.width(), size.height()), 1);
    }

    QIconEngine *clone() const override { return new MaskIconEngine(m_name); }

private:
    static QColor color(QIcon::Mode mode)
    {
        const QPalette palette = QApplication::palette();
        switch (mode) {
        case QIcon::Disabled:
            return palette.color(QPalette::Disabled, QPalette::WindowText);
        case QIcon::Selected:
            return palette.color(QPalette::HighlightedText);
        case QIcon::Normal:
        case QIcon::Active:
            break;
        }
        return palette.color(QPalette::WindowText);
    }

    IconName m_name;
};

QIcon applicationIcon(QLatin1StringView program)
{
    loadPictures();
    QIcon icon;
    for (const int size : {16, 24, 32, 48, 64, 128, 256})
        icon.addFile(u":/wireroom/icons/%1-%2.png"_s.arg(program).arg(size), QSize(size, size));
    return icon;
}

} // namespace

QIcon icon(IconName name)
{
    return QIcon(new MaskIconEngine(name));
}

QPixmap iconPixmap(IconName name, const QColor &color, int size, qreal devicePixelRatio)
{
    const int pixels = qRound(size * devicePixelRatio);
    const QString key = u"wireroom-icon-%1-%2-%3"_s.arg(fileName(name)).arg(color.rgba(), 8, 16).arg(pixels);
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
        QImage image = mask(name, pixels);
        QPainter painter(&image);
        painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
        painter.fillRect(image.rect(), color);
        painter.end();
        pixmap = QPixmap::fromImage(std::move(image));
        QPixmapCache::insert(key, pixmap);
    }
    pixmap.setDevicePixelRatio(devicePixelRatio);
    return pixmap;
}

QIcon serverApplicationIcon()
{
    return applicationIcon("wireroom-server"_L1);
}

QIcon clientApplicationIcon()
{
    return applicationIcon("wireroom"_L1);
}

} // namespace wireroom
