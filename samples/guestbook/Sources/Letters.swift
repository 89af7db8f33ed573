import Gatehouse
import GatehouseWeb

/// Mail to the guestbook's owner.
struct Letters: Sendable {
    private let mailer: any Mailer
    private let views: Views
    private let owner: MailAddress

    /// - Returns: `nil` if the settings name no owner.
    init?(_ settings: Guestbook.Settings, _ views: Views, _ context: ModuleContext) throws {
        guard let owner = settings.owner else { return nil }
        mailer = try (settings.mail ?? MailSettings(from: owner)).mailer(context)
        self.views = views
        self.owner = MailAddress(owner)
    }

    func send(about entry: Entry) async throws {
        let text = try views.text("mail/entry.txt", entry)
        try await mailer.send(MailMessage(to: [owner], subject: "A new entry", text: text))
    }
}
