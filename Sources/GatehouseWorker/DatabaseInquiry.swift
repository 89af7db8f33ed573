import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import Glibc
import Logging
import NIOPosix

/// `gatehouse-worker --database`: asks a module's database server how many connections it allows. No module is loaded.
enum DatabaseInquiry {
    /// The time for connecting, and for each statement.
    private static let timeout = Duration.seconds(2)
    /// Settings are at most a mebibyte as JSON, and are JSON within JSON here.
    private static let largestQuestion = 1 << 23

    private struct Settings: Decodable {
        var database: DatabaseSettings
    }

    /// Reads the question, writes the answer, and ends the process.
    static func run() -> Never {
        LineLogHandler.bootstrap(level: .error)
        Task.detached {
            let answer = await answer()
            let bytes = (try? JSONEncoder().encode(answer)) ?? Data()
            try? Descriptor.writeAll(bytes, to: DatabaseAnswer.descriptor)
            exit(ExitStatus.success.rawValue)
        }
        while true { pause() }
    }

    private static func answer() async -> DatabaseAnswer {
        guard let bytes = try? Descriptor.readAll(STDIN_FILENO, atMost: largestQuestion),
            let question = try? JSONDecoder().decode(DatabaseQuestion.self, from: Data(bytes))
        else { return DatabaseAnswer(problem: "gatehouse and gatehouse-worker are of different builds") }
        // PostgreSQL shows its administrator the name.
        let name = "check"
        let log = LineLogHandler(label: name, level: .error)
        let context = ModuleContext(
            name: name, mountPath: "", logger: Logger(label: name) { _ in log }, resourceFolder: "", stateFolder: nil,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, settings: question.settings,
            settingsOrigin: question.settingsOrigin)
        do {
            var settings = try context.settings(Settings.self).database
            settings.connections = 1
            settings.connectTimeout = timeout
            settings.statementTimeout = timeout
            settings.wait = timeout
            let limit = try await ServerLimit.ask(Database(settings, context: context))
            return DatabaseAnswer(limit: limit?.limit, open: limit?.open)
        } catch var error as DatabaseError {
            // The statement is this program's, and tells an operator nothing.
            error.statement = ""
            return DatabaseAnswer(problem: "\(error)")
        } catch {
            return DatabaseAnswer(problem: "\(error)")
        }
    }
}
