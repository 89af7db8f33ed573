internal import GatehousePlan
public import Logging

/// swift-log's records as lines: `2026-11-24T10:00:00.123Z warning Blog [5f3a-1c] the message key=value`.
///
/// Three words large, so that the logger of every request needs no memory besides swift-log's own: what differs from
/// request to request is a reference to the request, and its id is only spelled out when something is logged.
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

    /// Makes lines of what anybody in this process logs who has no logger of a module's: libraries, which name theirs
    /// by `Logger(label:)`. Once in a process, before any of them asks; swift-log ends a process that does it twice.
    package static func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level) }
    }

    /// The same handler for one request.
    package func with(_ request: GatewayRequest) -> LineLogHandler {
        var copy = self
        copy.request = request
        return copy
    }

    public var logLevel: Logger.Level {
        get { own?.level ?? shared.level }
        set { own = Own(metadata: own?.metadata ?? [:], level: newValue) }
    }

    public var metadata: Logger.Metadata {
        get {
            var all = own?.metadata ?? [:]
            if let request, all[Self.requestIDKey] == nil { all[Self.requestIDKey] = .string(request.requestID) }
            return all
        }
        set { own = Own(metadata: newValue, level: own?.level) }
    }

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

    public func log(event: LogEvent) {
        var line = LogSink.timestamp() + " \(event.level) " + Self.escaped(shared.label)
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
