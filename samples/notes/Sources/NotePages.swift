import FoundationEssentials

/// The pages that browsers get.
enum NotePages {
    static func list(_ page: NotePage, _ links: Links) -> HTML {
        let items = page.notes.map { note -> HTML in
            "<li><a href=\"\(links.note(note.id))\">\(note.title)</a> <small>\(time(note.changed))</small></li>\n"
        }
        let nothing: HTML = page.search.isEmpty ? "<p>There is no note yet.</p>\n" : "<p>No note has these words.</p>\n"
        let found: HTML = items.isEmpty ? nothing : "<ul>\n\(items)</ul>\n"
        let earlier: HTML =
            page.page > 1
            ? "<a rel=\"prev\" href=\"\(links.list(search: page.search, page: page.page - 1))\">Newer</a>\n" : ""
        let later: HTML =
            page.hasMore
            ? "<a rel=\"next\" href=\"\(links.list(search: page.search, page: page.page + 1))\">Older</a>\n" : ""
        return frame(
            "Notes",
            """
            <form action="\(links.list())" method="get">
            <input name="q" maxlength="\(NoteStore.longestSearch)" value="\(page.search)">
            <button>Search</button></form>
            \(found)<p>\(earlier)\(later)</p>
            <p><a href="\(links.new)">New note</a></p>
            """)
    }

    static func note(_ note: Note, _ links: Links) -> HTML {
        frame(
            note.title,
            """
            <pre>\(note.body)</pre>
            <p><small>\(time(note.changed))</small></p>
            <form action="\(links.note(note.id, "/delete"))" method="post"><button>Delete</button></form>
            <p><a href="\(links.note(note.id, "/edit"))">Edit</a> <a href="\(links.list())">All notes</a></p>
            """)
    }

    /// The form of a new note, or of one that is changed.
    static func form(_ text: NoteText, of id: UUID? = nil, fault: String?, _ links: Links) -> HTML {
        let complaint: HTML = fault.map { "<p role=\"alert\">\($0)</p>\n" } ?? ""
        return frame(
            id == nil ? "New note" : "Edit note",
            """
            \(complaint)<form action="\(id.map { links.note($0) } ?? links.list())" method="post">
            <p><input name="title" maxlength="\(NoteText.longestTitle)" required value="\(text.title)"></p>
            <p><textarea name="body" rows="12" cols="60">
            \(text.body ?? "")</textarea></p>
            <p><button>Save</button></p>
            </form>
            <p><a href="\(links.list())">All notes</a></p>
            """)
    }

    private static func frame(_ title: String, _ content: HTML) -> HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>\(title)</title></head>
        <body>
        <h1>\(title)</h1>
        \(content)
        </body>
        </html>

        """
    }

    private static func time(_ date: Date) -> String { date.formatted(.iso8601) }
}
