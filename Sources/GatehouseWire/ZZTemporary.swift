// TEMPORARY stand-in by the founder so that the engine can be tried. Wire's author: delete this file when yours compiles.
import CFastCGI

/// One FastCGI connection (FastCGI 1.0), the application's side.
///
/// ```
///  0        1        2        4             6         7         8
///  +--------+--------+--------+-------------+---------+---------+----------------+---------+
///  |version | type   |request | content     | padding | reserved| content        | padding |
///  |  (1)   |        |  id    |   length    |  length |         | 0...65,535     | 0...255 |
///  +--------+--------+--------+-------------+---------+---------+----------------+---------+
/// ```
public struct FastCGIConnection: GatewayConnection {
    private let limits: Limits
    private var requests: [OpenRequest] = []

    // The record at hand.
    private var header = RecordHeader()
    private var headerBytes = 0
    private var contentLeft = 0
    private var paddingLeft = 0
    /// The content of records that are only understood whole: BEGIN_REQUEST and GET_VALUES.
    private var gathered: [UInt8] = []
    private var partialSince: Int64?

    public init(limits: Limits) {
        self.limits = limits
    }

    public mutating func nextEvent(
        in bytes: Span<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent? {
        while true {
            if headerBytes < 8 {
                if headerBytes == 0, bytes.count - offset >= 8 {
                    bytes.withUnsafeBufferPointer { header.read($0.baseAddress! + offset) }
                    offset += 8
                } else {
                    guard offset < bytes.count else { return nil }
                    if headerBytes == 0 { partialSince = now }
                    while headerBytes < 8, offset < bytes.count {
                        header.set(headerBytes, bytes[offset])
                        headerBytes += 1
                        offset += 1
                    }
                    if headerBytes < 8 { return nil }
                    partialSince = nil
                }
                headerBytes = 8
                contentLeft = header.contentLength
                paddingLeft = header.paddingLength
                gathered.removeAll(keepingCapacity: true)
                try checkHeader()
                if contentLeft == 0, let event = try recordEnded(now: now) { return event }
            }
            if contentLeft > 0 {
                let count = min(contentLeft, bytes.count - offset)
                if count == 0 { return nil }
                let start = offset
                offset += count
                contentLeft -= count
                if let event = try content(bytes, start..<offset) {
                    return event
                }
                if contentLeft > 0 { return nil }
                if let event = try recordEnded(now: now) { return event }
            }
            if paddingLeft > 0 {
                let count = min(paddingLeft, bytes.count - offset)
                offset += count
                paddingLeft -= count
                if paddingLeft > 0 { return nil }
            }
            headerBytes = 0
        }
    }

    struct OpenRequest {
        var id: UInt16
        var role: RequestRole
        var keeps: Bool
        var began: Int64
        var params: [UInt8]
        var paramsDone = false
        var stdinDone = false
        var dataDone = false
        var aborted = false
    }
    struct RecordHeader {
        var version: UInt8 = 0, type: UInt8 = 0
        var id: UInt16 = 0
        var contentLength = 0, paddingLength = 0
        mutating func read(_ p: UnsafePointer<UInt8>) {
            version = p[0]; type = p[1]; id = UInt16(p[2]) << 8 | UInt16(p[3])
            contentLength = Int(p[4]) << 8 | Int(p[5]); paddingLength = Int(p[6])
        }
        mutating func set(_ i: Int, _ b: UInt8) {
            switch i {
            case 0: version = b
            case 1: type = b
            case 2: id = UInt16(b) << 8
            case 3: id |= UInt16(b)
            case 4: contentLength = Int(b) << 8
            case 5: contentLength |= Int(b)
            case 6: paddingLength = Int(b)
            default: break
            }
        }
    }
    private func checkHeader() throws(PeerViolation) {
        guard header.version == 1 else { throw PeerViolation(.init(rawValue: "version"), "\(header.version)") }
    }
    private func index(_ id: UInt16) -> Int? { requests.firstIndex { $0.id == id } }

    private mutating func content(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(PeerViolation) -> ConnectionEvent? {
        switch Int32(header.type) {
        case FCGI_BEGIN_REQUEST, FCGI_GET_VALUES:
            for i in range where gathered.count < 4096 { gathered.append(bytes[i]) }
            return nil
        case FCGI_PARAMS:
            guard let i = index(header.id), !requests[i].paramsDone else { return nil }
            bytes.withUnsafeBufferPointer { requests[i].params.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
            return nil
        case FCGI_STDIN:
            guard let i = index(header.id), !requests[i].stdinDone, requests[i].paramsDone, !requests[i].aborted else { return nil }
            return .bodyReceived(RequestID(rawValue: header.id), range)
        default: return nil
        }
    }
    private mutating func recordEnded(now: Int64) throws(PeerViolation) -> ConnectionEvent? {
        let id = RequestID(rawValue: header.id)
        switch Int32(header.type) {
        case FCGI_BEGIN_REQUEST:
            guard gathered.count == 8, header.id != 0, index(header.id) == nil else { throw PeerViolation(.init(rawValue: "begin"), "") }
            requests.append(OpenRequest(id: header.id, role: RequestRole(rawValue: UInt16(gathered[1])) ?? .responder, keeps: gathered[2] & 1 == 1, began: now, params: []))
            requests[requests.count - 1].params.reserveCapacity(1024)
            return nil
        case FCGI_PARAMS:
            guard header.contentLength == 0, let i = index(header.id), !requests[i].paramsDone else { return nil }
            requests[i].paramsDone = true
            let p = Self.decode(requests[i].params)
            let head = RequestHead(id: id, role: requests[i].role, keepsConnection: requests[i].keeps, parameters: p)
            requests[i].params = []
            return .requestReceived(head)
        case FCGI_STDIN:
            guard header.contentLength == 0, let i = index(header.id), !requests[i].stdinDone, !requests[i].aborted else { return nil }
            requests[i].stdinDone = true
            return .bodyEnded(id)
        case FCGI_ABORT_REQUEST:
            guard let i = index(header.id), !requests[i].aborted else { return nil }
            requests[i].aborted = true
            return .requestAborted(id)
        case FCGI_GET_VALUES: return .replyRequested(.values([.maximumConnections, .maximumRequests, .multiplexesConnections]))
        default: return nil
        }
    }
    static func decode(_ bytes: [UInt8]) -> Parameters {
        var entries: [Parameters.Entry] = []
        entries.reserveCapacity(40)
        bytes.withUnsafeBufferPointer { p in
            var i = 0
            func length() -> Int? {
                guard i < p.count else { return nil }
                if p[i] < 128 { i += 1; return Int(p[i - 1]) }
                guard i + 4 <= p.count else { return nil }
                let n = Int(p[i] & 0x7f) << 24 | Int(p[i + 1]) << 16 | Int(p[i + 2]) << 8 | Int(p[i + 3])
                i += 4
                return n
            }
            while i < p.count {
                guard let n = length(), let v = length(), n + v <= p.count - i else { return }
                entries.append(.init(name: i, nameLength: n, value: i + n, valueLength: v))
                i += n + v
            }
        }
        return Parameters(bytes: bytes, entries: entries)
    }
    public var oldestUnfinishedHead: Int64? {
        for r in requests where !r.paramsDone { return r.began }
        return partialSince
    }
    public var isBetweenRequests: Bool { requests.isEmpty && headerBytes == 0 }
    public var acceptsMoreRequests: Bool { true }

    static func header(_ type: Int32, _ id: RequestID, _ length: Int, _ padding: Int, _ out: inout [UInt8]) {
        out.append(1); out.append(UInt8(type)); out.append(UInt8(id.rawValue >> 8)); out.append(UInt8(id.rawValue & 255))
        out.append(UInt8(length >> 8)); out.append(UInt8(length & 255)); out.append(UInt8(padding)); out.append(0)
    }
    public func appendOutput(_ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8]) {
        content.withUnsafeBufferPointer { c in
            var at = 0
            while at < c.count {
                let n = min(65528, c.count - at)
                let pad = (8 - n % 8) % 8
                output.reserveCapacity(output.count + n + pad + 8)
                Self.header(FCGI_STDOUT, id, n, pad, &output)
                output.append(contentsOf: UnsafeBufferPointer(rebasing: c[at..<at + n]))
                for _ in 0..<pad { output.append(0) }
                at += n
            }
        }
    }
    public func appendFrame(forOutputOf count: Int, of id: RequestID, to output: inout [UInt8]) -> OutputFrame {
        let n = min(65528, count)
        let pad = (8 - n % 8) % 8
        Self.header(FCGI_STDOUT, id, n, pad, &output)
        return OutputFrame(contentLength: n, paddingLength: pad)
    }
    public mutating func appendEnd(of id: RequestID, to output: inout [UInt8]) {
        Self.header(FCGI_STDOUT, id, 0, 0, &output)
        Self.header(FCGI_END_REQUEST, id, 8, 0, &output)
        for _ in 0..<8 { output.append(0) }
        if let i = index(id.rawValue) { requests.remove(at: i) }
    }
    public mutating func appendRefusal(_ refusal: Refusal, of id: RequestID, to output: inout [UInt8]) { appendEnd(of: id, to: &output) }
    public func appendReply(_ reply: ManagementReply, to output: inout [UInt8]) {}
}
public typealias SCGIConnection = FastCGIConnection
public struct BadRequest: Error, Sendable, Equatable { public var httpStatus: Int; public var reason: String
 public init(httpStatus: Int, reason: String) {self.httpStatus = httpStatus; self.reason = reason} }
public struct CGIRequest: Sendable, Equatable {
    public var method: String
    public var scheme: String
    public var authority: String?
    public var target: String
    public var contentLength: Int?
    public var contentType: String?
    public init(_ p: Parameters) throws(BadRequest) { method = p["REQUEST_METHOD"] ?? "GET"; scheme = "http"; authority = p["HTTP_HOST"]; target = p["REQUEST_URI"] ?? "/"; contentLength = p["CONTENT_LENGTH"].flatMap { Int($0) }; contentType = p["CONTENT_TYPE"].flatMap { $0.isEmpty ? nil : $0 } }
}
extension Parameters { public func forEachHeader(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
  forEach { n, v in if n.count > 5, n[0] == 72, n[1] == 84, n[4] == 95 { body(n.extracting(5..<n.count), v) } } } }
public enum ResponseHeadEncoder {
    public static func appendStatus(_ code: Int, reason: String, to head: inout [UInt8]) throws(ResponseHeadError) { head.append(contentsOf: "Status: \(code) \(reason)\r\n".utf8) }
    public static func appendField(name: String, value: String, to head: inout [UInt8]) throws(ResponseHeadError) { head.append(contentsOf: name.utf8); head.append(58); head.append(32); head.append(contentsOf: value.utf8);  head.append(13); head.append(10)}
    public static func appendEnd(to head: inout [UInt8]) { head.append(13); head.append(10) }
}
public struct ResponseHeadError: Error, Sendable, Equatable, CustomStringConvertible { public var description: String {""} }
