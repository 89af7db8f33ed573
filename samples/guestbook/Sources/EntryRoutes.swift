import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import GatehouseWeb

/// The pages of entries: the list, the form, and what is done with it.
struct EntryRoutes: Sendable {
    let store: EntryStore
    let pictures: Pictures
    let work: BackgroundWork
    let views: Views

    func add(to router: Router<AppContext>) {
        router.get("/") { try await list($0, $1) }
        router.get("/pictures/:id") { request, context in
            try await pictures.response(of: Self.id(context), request, context)
        }
        let members = router.group("/entries").add(middleware: RequireUser())
        members.get("new") { _, context in
            let name = context.user?.name ?? ""
            return try page(.filled(with: ["name": name]), context)
        }
        members.post { try await write($0, $1) }
        members.post(":id/delete") { try await delete($0, $1) }
    }

    private struct ListPage: Encodable {
        var search: String
        var entries: Page<ShownEntry>
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        // No longer than the field: the work of a search grows with its length, and is anybody's to order.
        let words = try (request.queryFields()["q"] ?? "").unicodeScalars.prefix(EntryStore.longestSearch)
        let search = String(String.UnicodeScalarView(words))
        let entries = try await store.list(search: search, PageRequest(request, size: 10))
        return try views.page(
            "entries",
            ListPage(search: search, entries: entries.map { ShownEntry($0, isOwn: $0.person == context.user?.id) }),
            context)
    }

    private struct FormPage: Encodable {
        var form: FormView
    }

    private func page(_ submission: Submission<EntryForm>, _ context: AppContext) throws -> Response {
        try views.page("write", FormPage(form: submission.view), context, status: submission.status)
    }

    private func write(_ request: Request, _ context: AppContext) async throws -> Response {
        let person = try context.requireUser()
        let submission = try await request.form(
            EntryForm.self, accepting: EntryForm.body(filesIn: pictures.folder))
        guard let form = submission.value else { return try page(submission, context) }
        let entry = Entry(
            id: UUID(), person: person.id, name: form.name, text: form.text,
            picture: form.picture == nil ? nil : .waiting, written: .now)
        if let upload = form.picture { try await pictures.keep(upload, of: entry.id) }
        do {
            try await store.database.transaction { transaction in
                try await store.add(entry, in: transaction)
                try await work.order(for: entry, in: transaction)
            }
        } catch {
            // Nobody else knows of the file.
            try? await pictures.removeUpload(of: entry.id)
            throw error
        }
        context.flash("Thank you for your entry.")
        return .redirect(to: context.mountPath + "/", type: .normal)
    }

    private func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let id = try Self.id(context)
        try await store.delete(id, of: context.requireUser().id)
        try await pictures.removeAll(of: id)
        context.flash("The entry is deleted.")
        return .redirect(to: context.mountPath + "/", type: .normal)
    }

    /// The entry that the path names. A text that is no UUID names none.
    private static func id(_ context: AppContext) throws -> UUID {
        guard let id = context.parameters.get("id").flatMap(UUID.init(uuidString:)) else {
            throw HTTPError(.notFound)
        }
        return id
    }
}
