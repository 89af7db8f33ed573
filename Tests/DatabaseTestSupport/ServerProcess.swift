import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// A server that does not start, or refuses what a test asks of it; the text is the server's or its program's own.
public struct ServerError: Error, CustomStringConvertible {
    public var description: String
}

/// A database server in a process of `servers/`, which ends it and removes its folder as soon as this process has
/// ended, by whatever means.
public final class ServerProcess: Sendable {
    /// Addresses and names that the server's class tells, by their name there.
    let facts: [String: String]
    private let guardian: Guardian
    /// Holds back no thread of the concurrency pool while the other process works.
    private let queue: DispatchQueue

    private init(guardian: Guardian, facts: [String: String], queue: DispatchQueue) {
        self.guardian = guardian
        self.facts = facts
        self.queue = queue
    }

    /// - Parameters:
    ///   - kind: `postgres`, `mariadb`, `pgbouncer` or `tls-relay`.
    ///   - arguments: of the class, by their name there.
    static func start(_ kind: String, _ arguments: some Encodable & Sendable) async throws -> ServerProcess {
        let queue = DispatchQueue(label: "gatehouse.test.\(kind)")
        let (guardian, facts) = try await run(on: queue) {
            let json = String(decoding: try JSONEncoder().encode(arguments), as: UTF8.self)
            let guardian = try Guardian(["/usr/bin/python3", "-B", servers, kind, json])
            return (guardian, try guardian.answer([String: String].self))
        }
        return ServerProcess(guardian: guardian, facts: facts, queue: queue)
    }

    private static var servers: String {
        String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex)) + "/servers"
    }

    /// A fact that every server of this kind has.
    func fact(_ name: String) -> String { facts[name] ?? "" }

    /// The answer of a method of the server's class.
    func ask<Answer: Decodable & Sendable>(_ words: String..., as type: Answer.Type) async throws -> Answer {
        try await Self.run(on: queue) { [guardian] in
            try guardian.say(words)
            return try guardian.answer(type)
        }
    }

    /// A method of the server's class that answers nothing.
    func order(_ words: String...) async throws {
        try await Self.run(on: queue) { [guardian] in
            try guardian.say(words)
            _ = try guardian.answer(String?.self)
        }
    }

    private static func run<Value: Sendable>(
        on queue: DispatchQueue, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }
}
