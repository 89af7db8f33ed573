/// The place of an SQLite database.
enum SQLiteLocation: Sendable, Equatable {
    /// A file, by its absolute path.
    case file(String)
    /// The memory of this process, for tests: each ``Database`` has its own, which ends with it.
    case memory

    /// The file in the state folder if the URL names none.
    static let defaultName = "data.sqlite"

    /// - Parameters:
    ///   - url: `sqlite:` for ``defaultName`` in the state folder, `sqlite:name` for another file there,
    ///     `sqlite:/path`, or `sqlite::memory:`. The rest of the URL is the path as it is: nothing in it is decoded.
    ///   - stateFolder: the folder for what the module keeps, asked for only if the path is relative.
    init(url: String, stateFolder: () throws(DatabaseError) -> String) throws(DatabaseError) {
        let address = try DatabaseURL(url)
        guard address.scheme == "sqlite" else { throw .usage("an SQLite URL begins with sqlite:") }
        var path = address.rest
        if path == ":memory:" {
            self = .memory
            return
        }
        if path.hasPrefix("///") { path.removeFirst(2) }
        guard !path.hasPrefix("//"), !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw .usage(
                "an SQLite URL is sqlite:, sqlite:name, sqlite:/absolute/path or sqlite::memory:, without a host")
        }
        if path.isEmpty { path = Self.defaultName }
        self = .file(path.hasPrefix("/") ? path : "\(try stateFolder())/\(path)")
    }

    /// The place in messages.
    var description: String {
        switch self {
        case .file(let path): "the SQLite file \(path)"
        case .memory: "the SQLite database in memory"
        }
    }
}
