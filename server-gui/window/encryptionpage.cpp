// SPDX-License-Identifier: Apache-2.0
#include "server-gui/window/encryptionpage.h"

#include "server-gui/core/tlsfiles.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QLineEdit>
#include <QSpinBox>

using namespace Qt::StringLiterals;

namespace wireroom {

namespace {

constexpr int kMostHandshakes = 100'000;
constexpr int kMostSeconds = 3600;

QString pathOf(const QLineEdit *field)
{
    const QString path = QDir::fromNativeSeparators(field->text().trimmed());
    return path.isEmpty() ? path : QDir::cleanPath(path);
}

} // namespace

EncryptionPage::EncryptionPage(const ServerConfig &config, QWidget *parent)
    : SettingsPage(parent), m_before(config.tls.modeInForce(config.dataDir)), m_mode(new QComboBox(this))
{
    addHeading(u"Encryption (TLS)"_s);
    m_mode->setObjectName(u"tlsMode"_s);
    m_mode->setAccessibleName(u"Encryption"_s);
    const auto add = [this](const QString &text, TlsMode value, const QString &meaning) {
        m_mode->addItem(text, static_cast<int>(value));
        m_mode->setItemData(m_mode->count() - 1, meaning, Qt::ToolTipRole);
    };
    add(u"Off"_s, TlsMode::Off, u"Who asks for it is refused"_s);
    add(u"Offered"_s, TlsMode::Offered, u"Who asks for it gets it, and the others are served without"_s);
    add(u"Required"_s, TlsMode::Required, u"Who does not begin with it is refused"_s);
    m_mode->setCurrentIndex(m_mode->findData(static_cast<int>(m_before)));
    m_mode->setToolTip(u"On the same port as everything else"_s);
    connect(m_mode, &QComboBox::currentIndexChanged, this, &SettingsPage::edited);
    addRow(u"&Encryption"_s, m_mode);

    QWidget *certificate
        = makeFile(m_certificate, u"tlsCertificate"_s, u"Certificate"_s, config.tls.certificateFile);
    addRow(u"&Certificate"_s, m_certificate, certificate);
    QWidget *key = makeFile(m_key, u"tlsKey"_s, u"Key"_s, config.tls.keyFile);
    addRow(u"&Key"_s, m_key, key);
    addNote(
        u"Clients know this server by its certificate: with another one they ask their people before they "
        "connect again."_s);
    makeHandshakes(config.tls);

    const QList<QWidget *> needed{certificate, key, m_deadline, m_inAll, m_perAddress};
    const auto enable = [this, needed] {
        for (QWidget *field : needed)
            field->setEnabled(mode() != TlsMode::Off);
    };
    connect(m_mode, &QComboBox::currentIndexChanged, this, enable);
    enable();
}

QWidget *EncryptionPage::makeFile(QLineEdit *&field, const QString &objectName, const QString &name,
                                  const QString &path)
{
    field = makeText(objectName, name, QDir::toNativeSeparators(path));
    field->setPlaceholderText(u"made by the server, in the data directory"_s);
    field->setToolTip(u"A PEM file. Without one the server makes its own at the first start"_s);
    return makePlace(field, [this, line = field, name] {
        const QString chosen = QFileDialog::getOpenFileName(
            this, name, line->text(), u"PEM files (*.pem *.crt *.cer *.key);;All files (*)"_s);
        if (!chosen.isEmpty())
            line->setText(QDir::toNativeSeparators(chosen));
    });
}

void EncryptionPage::makeHandshakes(const TlsConfig &config)
{
    addHeading(u"Handshakes"_s);
    m_inAll
        = makeNumber(u"tlsHandshakes"_s, u"Handshakes at a time"_s, 1, kMostHandshakes, config.maxHandshakes);
    m_inAll->setToolTip(u"Who comes then waits for a place, and those who stall make room"_s);
    addRow(u"&At a time"_s, m_inAll);
    m_perAddress = makeNumber(u"tlsHandshakesPerAddress"_s, u"Handshakes from one address at a time"_s, 1,
                              kMostHandshakes, config.maxHandshakesPerAddress);
    m_perAddress->setToolTip(u"The same for each address"_s);
    addRow(u"&From one address"_s, m_perAddress);
    m_deadline = makeNumber(
        u"tlsHandshakeSeconds"_s, u"Time for a handshake in seconds"_s, 1, kMostSeconds,
        static_cast<int>(std::chrono::ceil<std::chrono::seconds>(config.handshakeDeadline).count()));
    m_deadline->setToolTip(
        u"Where encryption is required, also the time until a client begins with its handshake"_s);
    addRow(u"&Time for it (seconds)"_s, m_deadline);
}

TlsMode EncryptionPage::mode() const
{
    return static_cast<TlsMode>(m_mode->currentData().toInt());
}

std::optional<SettingsPage::Problem> EncryptionPage::problem() const
{
    const QString certificate = pathOf(m_certificate);
    const QString key = pathOf(m_key);
    if (mode() == TlsMode::Off || (certificate.isEmpty() && key.isEmpty()))
        return {};
    if (certificate.isEmpty() || key.isEmpty()) {
        return Problem{.text = u"Please name both the certificate and its key, or neither."_s,
                       .field = certificate.isEmpty() ? m_certificate : m_key};
    }
    for (const auto &[path, field] : {std::pair(certificate, m_certificate), std::pair(key, m_key)}) {
        if (QDir::isRelativePath(path)) {
            return Problem{
                .text
                = u"Please give the whole path; “%1” depends on where the program was started."_s.arg(path),
                .field = field};
        }
    }
    if (const std::optional<Error> error = faultOfTlsFiles(certificate, key))
        return Problem{.text = error->text, .field = m_certificate};
    return {};
}

void EncryptionPage::applyTo(ServerConfig &config) const
{
    if (mode() != m_before)
        config.tls.mode = mode();
    config.tls.certificateFile = pathOf(m_certificate);
    config.tls.keyFile = pathOf(m_key);
    config.tls.handshakeDeadline = std::chrono::seconds(m_deadline->value());
    config.tls.maxHandshakes = m_inAll->value();
    config.tls.maxHandshakesPerAddress = m_perAddress->value();
}

} // namespace wireroom
