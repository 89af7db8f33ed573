internal import GatehousePlan
internal import GatehouseSystem
internal import GatehouseWire
internal import Glibc
public import Logging
internal import Synchronization

/// swift-log's records as lines: `2026-11-24T10:00:00.123Z warning Blog [5f3a-1c] the message key=value`.
///
/// It is three words large, so that the logger of each request needs no memory besides swift-log's own: it differs from
/// other requests' only by a reference to its request, whose id is spelled out when something is logged.
public struct LineLogHandler: LogHandler {
    private final class Shared: Sendable {
        let label: String
        let level: Logger.Level
        let sink: LogSink

        init(label: String, level: Logger.Level, sink: LogSink) {
            self.label = label
            self.level = level
            self.sink = sink
        }
    }

    private final class Own: Sendable {
        let metadata: Logger.Metadata
        let level: Logger.Level?

        init(metadata: Logger.Metadata, level: Logger.Level?) {
            self.metadata = metadata
            self.level = level
        }
    }

    private let shared: Shared
    private var request: GatewayRequest?
    private var own: Own?

    /// The key under which Hummingbird looks for a request's id.
    private static let requestIDKey = "hb.request.id"

    package init(label: String, level: Logger.Level, sink: LogSink = .standardError) {
        shared = Shared(label: label, level: level, sink: sink)
    }

    /// Makes lines of all records of this process that come from no module's logger: libraries make theirs by
    /// `Logger(label:)`. To be called once, before any of them; swift-log ends a process that does it twice.
    package static func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level) }
    }

    /// A copy for one request.
    package func with(_ request: GatewayRequest) -> LineLogHandler {
        var copy = self
        copy.request = request
        return copy
    }

    /// The lowest level that is logged.
    public var logLevel: Logger.Level {
        get { own?.level ?? shared.level }
        set { own = Own(metadata: own?.metadata ?? [:], level: newValue) }
    }

    /// The values added to every line; a request's own include its id.
    public var metadata: Logger.Metadata {
        get {
            var all = own?.metadata ?? [:]
            if let request, all[Self.requestIDKey] == nil { all[Self.requestIDKey] = .string(request.requestID) }
            return all
        }
        set { own = Own(metadata: newValue, level: own?.level) }
    }

    /// One of the values added to every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get {
            if let value = own?.metadata[key] { return value }
            return key == Self.requestIDKey ? request.map { .string($0.requestID) } : nil
        }
        set {
            var changed = own?.metadata ?? [:]
            changed[key] = newValue
            own = Own(metadata: changed, level: own?.level)
        }
    }

    /// Writes one record as one line; control characters are escaped.
    public func log(event: LogEvent) {
        var line = UTCTime.now().textWithMilliseconds + " \(event.level) " + Self.escaped(shared.label)
        if let id = event.metadata?[Self.requestIDKey] ?? self[metadataKey: Self.requestIDKey] {
            line += " [" + Self.escaped(ShortText.of("\(id)")) + "]"
        }
        line += " " + Self.escaped(event.message.description)
        let all = (own?.metadata ?? [:]).merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) where key != Self.requestIDKey {
            line += " " + Self.escaped(key) + "=" + Self.escaped("\(value)")
        }
        if let error = event.error { line += " error=" + Self.escaped("\(error)") }
        shared.sink.write(line)
    }

    private static func escaped(_ text: String) -> String {
        text.printable(escapesBackslash: true)
    }
}

/// The descriptor of log lines. No line waits for a reader. A line that finds no room is lost, and the next that finds
/// some comes after a line with the count of lost ones. Only the pipe itself buffers.
package final class LogSink: Sendable {
    private let output: Mutex<LineOutput>

    /// - Parameter descriptor: the caller closes it.
    package init(descriptor: Int32) {
        output = Mutex(
            LineOutput(descriptor: descriptor, capacity: 0) { lost in
                "\(UTCTime.now().textWithMilliseconds) warning gatehouse [\(getpid())] \(lost) lines of the log were "
                    + "lost before this one: nobody has read them"
            })
    }

    package static let standardError = LogSink(descriptor: STDERR_FILENO)

    package func write(_ line: String) {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        // No error fails the request that logs: the line counts as lost.
        output.withLock { _ = $0.add(bytes) }
    }
}

/// Shortens values whose length a client has chosen, for log lines: a refused request of megabytes must not fill the
/// disk.
enum ShortText {
    /// The most bytes of one value in one line.
    static let limit = 200

    /// The text of the first bytes and, if those are not all, the count of all.
    static func of(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes.prefix(limit), as: UTF8.self) + "… (\(bytes.count) bytes)"
    }

    static func of(_ text: String) -> String {
        guard text.utf8.count > limit else { return text }
        var text = text
        return text.withUTF8 { of(UnsafeRawBufferPointer($0)) }
    }
}

extension GatewayVariables {
    /// The last value of that name for a log line; `-` if there is none.
    func shortText(of name: StaticString) -> String {
        var text = "-"
        withValue(of: name) { if let value = $0 { text = ShortText.of(value) } }
        return text
    }
}
