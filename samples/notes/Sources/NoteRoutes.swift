import FoundationEssentials
import Gatehouse

/// Browsers get pages and send forms; whoever sends or accepts JSON gets JSON.
struct NoteRoutes: Sendable {
    let store: NoteStore

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/") { request, context in
            let query = request.uri.queryParameters
            let page = min(max(1, query.get("page", as: Int.self) ?? 1), NoteStore.lastPage)
            let search = String(Substring((query["q"] ?? "").unicodeScalars.prefix(NoteStore.longestSearch)))
            let notes = try await store.list(search: search, page: page)
            return try Answer(request, context).give(notes) { NotePages.list(notes, $0) }
        }
        router.get("/new") { _, context in
            NotePages.form(NoteText(title: ""), fault: nil, Links(context))
        }
        router.get("/:id") { request, context in
            let note = try await store.note(Self.id(context))
            return try Answer(request, context).give(note) { NotePages.note(note, $0) }
        }
        router.get("/:id/edit") { _, context in
            let note = try await store.note(Self.id(context))
            return NotePages.form(NoteText(title: note.title, body: note.body), of: note.id, fault: nil, Links(context))
        }
        router.post("/") { request, context in
            try await write(request, context, id: nil)
        }
        // A form has no other method than POST.
        router.post("/:id") { request, context in
            try await write(request, context, id: Self.id(context))
        }
        router.put("/:id") { request, context in
            try await write(request, context, id: Self.id(context))
        }
        router.post("/:id/delete") { request, context in
            try await delete(request, context)
        }
        router.delete("/:id") { request, context in
            try await delete(request, context)
        }
    }

    /// Creates a note, or changes one.
    private func write(
        _ request: Request, _ context: GatewayRequestContext, id: UUID?
    ) async throws -> Response {
        let answer = Answer(request, context)
        let text: NoteText =
            answer.sendsJSON
            ? try await request.decode(as: NoteText.self, context: context)
            : try await URLEncodedFormDecoder().decode(NoteText.self, from: request, context: context)
        if let fault = text.fault {
            return try answer.refuse(fault) { NotePages.form(text, of: id, fault: fault, $0) }
        }
        let note: Note
        if let id {
            note = try await store.change(id, to: text)
        } else {
            note = try await store.create(text)
        }
        return try answer.redirect(to: note, isNew: id == nil)
    }

    private func delete(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        try await store.delete(Self.id(context))
        return Answer(request, context).redirectToList()
    }

    /// The note that the path names. A text that is no UUID names none.
    private static func id(_ context: GatewayRequestContext) throws -> UUID {
        guard let id = context.parameters.get("id").flatMap(UUID.init(uuidString:)) else {
            throw HTTPError(.notFound)
        }
        return id
    }
}
