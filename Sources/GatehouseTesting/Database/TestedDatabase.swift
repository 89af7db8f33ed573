import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import GatehouseSystem
import Glibc
import Synchronization

/// The database of a module under test: it takes the place of the one in the module's settings.
final class TestedDatabase: DatabaseOverride {
    private struct State {
        var settings: DatabaseSettings?
        var source: (any ConnectionSource)?
    }

    private let database: ModuleTester.TestDatabase
    private let state = Mutex(State())

    init(_ database: ModuleTester.TestDatabase) { self.database = database }

    func settings(_ written: DatabaseSettings) -> DatabaseSettings {
        var settings = written
        settings.url = database.url
        // The test's transaction waits for the test.
        settings.idleTransactionTimeout = max(written.idleTransactionTimeout, .seconds(3_600))
        state.withLock { [settings] in $0.settings = $0.settings ?? settings }
        return settings
    }

    /// Each `Database` of the module has the same connections, so that each sees what another one has not committed.
    func source(_ real: any ConnectionSource) -> any ConnectionSource {
        state.withLock { state in
            if let source = state.source { return source }
            let wait = state.settings?.wait ?? DatabaseSettings().wait
            let source: any ConnectionSource = database.rollsBack ? RolledBackSource(real, wait: wait) : real
            state.source = source
            return source
        }
    }

    /// The module's settings, as JSON, with a `database` for a module that asks for one.
    func settings(json: String) -> String {
        struct Written: Decodable {
            var database: Ignored?
            struct Ignored: Decodable { init(from decoder: any Decoder) {} }
        }
        guard let written = try? JSONDecoder().decode(Written.self, from: Data(json.utf8)), written.database == nil,
            let brace = json.firstIndex(of: "{"),
            let url = try? JSONEncoder().encode(["url": database.url])
        else { return json }
        let rest = json[json.index(after: brace)...]
        let isEmpty = rest.drop { $0.isWhitespace }.first == "}"
        return #"{"database":\#(String(decoding: url, as: UTF8.self))\#(isEmpty ? "" : ",")\#(rest)"#
    }

    /// A `Database` that sees all that the module sees.
    func shared(_ context: ModuleContext) throws(ModuleTester.NoDatabase) -> Database {
        let state = state.withLock { $0 }
        guard let source = state.source, let settings = state.settings else { throw .unused }
        return Database(source: source, settings: settings, place: "the test's database", context: context)
    }

    /// Runs the statements of SQL files, in the test's transaction.
    /// - Parameter folder: the folder that names are looked for in, before the current directory.
    func load(_ fixtures: [String], from folder: String) async throws {
        guard !fixtures.isEmpty else { return }
        guard let source = state.withLock({ $0.source }) else { throw ModuleTester.NoDatabase.unused }
        for name in fixtures {
            let places: [String] = ["\(folder)/\(name)", name]
            let path = places.first { access($0, R_OK) == 0 } ?? name
            let text = try Self.text(path)
            for statement in StatementSplitter.statements(of: text, for: source.dialect) {
                do {
                    _ = try await source.run(SQL(unchecked: statement.text), into: nil, start: nil)
                } catch {
                    throw FixtureError(description: "\(path):\(statement.line): \(error.message)")
                }
            }
        }
    }

    /// Ends the test's transaction and closes what is open.
    func end() async { await state.withLock { $0.source }?.shutDown() }

    private static func text(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FixtureError(description: "the fixture \(path): \(SystemError.text())") }
        defer { close(descriptor) }
        return String(decoding: try Descriptor.readAll(descriptor), as: UTF8.self)
    }
}

/// A file of SQL that could not be read, or a statement of it that the database refused.
struct FixtureError: Error, CustomStringConvertible {
    var description: String
}
