import GatehousePlan
import GatehouseSystem
import GatehouseWire
import Glibc

/// The facts of one line of the access log.
struct AccessLogEntry {
    var parameters: GatewayVariables
    var status: Int
    /// Bytes of the response's body.
    var sent: Int
    /// Bytes of the request's body.
    var received: Int
    /// Nanoseconds from the parameters' end to the response's.
    var duration: Int64
    var id: String
    var module: String
}

/// One loop's lines on their way to the access log. Confined to the loop's thread.
package final class LoopAccessLog: @unchecked Sendable {
    private let log: AccessLog
    private var lines: [UInt8] = []
    private var time = AccessLogTime()
    private let process = Array(String(getpid()).utf8)
    private let pool: [UInt8]

    /// Lines are written at once when this many bytes have collected, and otherwise at the next tick.
    private static let fullEnough = 32_768

    package init(_ log: AccessLog) {
        self.log = log
        pool = Array(log.pool.utf8)
        lines.reserveCapacity(Self.fullEnough + 4_096)
    }

    /// Adds the line of a request that has ended.
    func add(_ request: LiveRequest, now: Int64) {
        add(
            AccessLogEntry(
                parameters: request.parameters, status: request.isAborted ? 499 : request.status,
                sent: request.writtenLength, received: request.bodyCount, duration: max(0, now - request.began),
                id: request.gateway?.requestID ?? request.parameters["REQUEST_ID"] ?? "", module: request.handlerName))
    }

    /// Adds the line of a refused request, about which nothing else is known.
    func add(refusedWith status: Int) {
        add(
            AccessLogEntry(
                parameters: GatewayVariables(), status: status, sent: 0, received: 0, duration: 0, id: "",
                module: "gatehouse"))
    }

    private func add(_ entry: AccessLogEntry) {
        time.update()
        for piece in log.format.pieces {
            switch piece {
            case .text(let text): lines += text
            case .header(let name):
                name.withUnsafeBytes { name in
                    entry.parameters.withValue(of: name) { appendHeader($0) }
                }
            case .variable(let variable): append(variable, of: entry)
            }
        }
        lines.append(UInt8(ascii: "\n"))
        if lines.count >= Self.fullEnough { flush() }
    }

    /// Hands the lines to the log.
    /// - Returns: whether lines wait until the file has room.
    @discardableResult
    package func flush() -> Bool {
        if lines.isEmpty { return log.flush() }
        log.write(lines)
        lines.removeAll(keepingCapacity: lines.capacity <= 2 * Self.fullEnough)
        return log.flush()
    }

    private func append(_ variable: AccessLogVariable, of entry: AccessLogEntry) {
        switch variable {
        case .remoteAddress: append(entry, "REMOTE_ADDR")
        case .remotePort: append(entry, "REMOTE_PORT")
        case .remoteUser: append(entry, "REMOTE_USER")
        case .localTime: lines += time.common
        case .isoTime: lines += time.iso
        case .seconds: appendSeconds(milliseconds: time.milliseconds)
        case .request: appendRequest(entry)
        case .requestMethod: append(entry, "REQUEST_METHOD")
        case .requestURI: append(entry, "REQUEST_URI")
        case .uri: entry.parameters.withValue(of: "REQUEST_URI") { append($0.map { Self.split($0).path }) }
        case .query: entry.parameters.withValue(of: "REQUEST_URI") { append($0.flatMap { Self.split($0).query }) }
        case .serverProtocol: append(entry, "SERVER_PROTOCOL")
        case .status: appendNumber(entry.status)
        case .bodyBytesSent where entry.sent == 0 && log.format.escaping == .apache: lines.append(UInt8(ascii: "-"))
        case .bodyBytesSent: appendNumber(entry.sent)
        case .bodyBytesReceived: appendNumber(entry.received)
        case .requestTime: appendSeconds(milliseconds: Int(entry.duration / 1_000_000))
        case .requestID: append(entry.id)
        case .host: appendHost(entry)
        case .serverName: append(entry, "SERVER_NAME")
        case .scheme: append(entry.parameters.isSecure ? "https" : "http")
        case .module: append(entry.module)
        case .processID: lines += process
        case .pool: pool.withUnsafeBytes { append($0) }
        }
    }

    // MARK: Values

    private func append(_ entry: AccessLogEntry, _ name: StaticString) {
        entry.parameters.withValue(of: name) { append($0) }
    }

    private func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a header's value. An empty one, unlike a missing one, leaves nothing in Apache's formats.
    private func appendHeader(_ value: UnsafeRawBufferPointer?) {
        if let value, value.isEmpty, log.format.escaping == .apache { return }
        append(value)
    }

    private func append(_ value: UnsafeRawBufferPointer?) {
        let value = value ?? UnsafeRawBufferPointer(start: nil, count: 0)
        switch log.format.escaping {
        case .text where value.isEmpty, .apache where value.isEmpty: lines.append(UInt8(ascii: "-"))
        case .apache: AccessLogEscaping.appendAsApache(value, to: &lines)
        case .text: AccessLogEscaping.appendText(value, to: &lines)
        case .json: AccessLogEscaping.appendJSON(value, to: &lines)
        }
    }

    private func appendRequest(_ entry: AccessLogEntry) {
        // A refused request's parameters are not known, and must not look like an empty request.
        guard entry.parameters.count > 0 else { return append(nil as UnsafeRawBufferPointer?) }
        append(entry, "REQUEST_METHOD")
        lines.append(0x20)
        append(entry, "REQUEST_URI")
        lines.append(0x20)
        append(entry, "SERVER_PROTOCOL")
    }

    private func appendHost(_ entry: AccessLogEntry) {
        entry.parameters.withValue(of: "HTTP_HOST") { host in
            if let host, !host.isEmpty { append(host) } else { append(entry, "SERVER_NAME") }
        }
    }

    private func appendNumber(_ number: Int) {
        lines += String(number).utf8
    }

    private func appendSeconds(milliseconds: Int) {
        appendNumber(milliseconds / 1_000)
        let rest = milliseconds % 1_000
        lines.append(UInt8(ascii: "."))
        for divisor in [100, 10, 1] { lines.append(UInt8(truncatingIfNeeded: 0x30 + rest / divisor % 10)) }
    }

    private static func split(
        _ uri: UnsafeRawBufferPointer
    ) -> (path: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer?) {
        guard let mark = uri.firstIndex(of: UInt8(ascii: "?")) else { return (uri, nil) }
        return (UnsafeRawBufferPointer(rebasing: uri[..<mark]), UnsafeRawBufferPointer(rebasing: uri[(mark + 1)...]))
    }
}

/// The time of day as access logs write it, spelled out once a second.
struct AccessLogTime {
    /// `24/Nov/2026:10:00:00 +0000`
    private(set) var common: [UInt8] = []
    /// `2026-11-24T10:00:00+00:00`
    private(set) var iso: [UInt8] = []
    /// Milliseconds since 1970.
    private(set) var milliseconds = 0
    private var second: Int?

    mutating func update() {
        let now = UTCTime.now()
        milliseconds = now.millisecondsSince1970
        guard now.secondsSince1970 != second else { return }
        second = now.secondsSince1970
        common.removeAll(keepingCapacity: true)
        now.appendCommonLog(to: &common)
        iso.removeAll(keepingCapacity: true)
        now.appendISO(to: &iso, zone: "+00:00")
    }
}
