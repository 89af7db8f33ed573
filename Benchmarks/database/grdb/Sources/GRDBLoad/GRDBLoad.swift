// One prepared select by many callers on one thread, through GRDB's `await pool.read` with a cached statement.
//
//   GRDBLoad FILE SECONDS CALLERS      prints the figures as JSON
import GRDB
import Glibc

@main
struct GRDBLoad {
    struct Title: Codable, FetchableRecord {
        let id: Int
        let title: String
    }

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let seconds = Double(words[2]), let callers = Int(words[3]) else {
            let usage = "usage: GRDBLoad FILE SECONDS CALLERS\n"
            write(STDERR_FILENO, usage, usage.utf8.count)
            exit(64)
        }
        let pool = try DatabasePool(path: words[1])
        let thread = CallersThread()
        _ = try await load(pool, thread, seconds: 0.3, callers: callers)
        let before = cpu()
        let began = now()
        let latencies = try await load(pool, thread, seconds: seconds, callers: callers).sorted()
        let took = now() - began
        let spent = cpu() - before
        print(
            """
            {"queries": \(latencies.count), "seconds": \(took), "cpu": \(spent), \
            "p50_us": \(latencies[latencies.count / 2] * 1e6), \
            "p99_us": \(latencies[latencies.count * 99 / 100] * 1e6)}
            """)
    }

    /// The time that each query took, in seconds.
    static func load(
        _ pool: DatabasePool, _ thread: CallersThread, seconds: Double, callers: Int
    ) async throws -> [Double] {
        let end = now() + seconds
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for number in 0..<callers {
                group.addTask(executorPreference: thread) { try await caller(pool, number: number, until: end) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    static func caller(_ pool: DatabasePool, number: Int, until end: Double) async throws -> [Double] {
        var latencies: [Double] = []
        var id = number * 311 % 10_000
        var began = now()
        while began < end {
            id = (id + 7919) % 10_000
            let wanted = id + 1
            let row = try await pool.read { database in
                let select = try database.cachedStatement(sql: "SELECT id, title FROM t WHERE id = ?")
                return try Title.fetchOne(select, arguments: [wanted])
            }
            guard row?.id == wanted else { throw Wrong() }
            let ended = now()
            latencies.append(ended - began)
            began = ended
        }
        return latencies
    }

    struct Wrong: Error {}

    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// User and system time of the process, in seconds.
    static func cpu() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
