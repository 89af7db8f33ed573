import GatehouseConfiguration
import GatehousePlan

/// The answer to a connection if no worker can be started: 503, in the protocol of its endpoint. Bytes in, bytes out.
///
/// It reads no more of a request than the answer takes: the records' heads of FastCGI, the first few bytes of others.
/// Only these are kept, whatever the peer sends. The answer has no body, so that it is right for HEAD as well, and
/// browsers show an error page of their own.
struct RefusalAnswer {
    /// Bytes that are yet to be sent.
    private(set) var output: [UInt8] = []
    private var isAnswered = false
    /// Whether each request that has begun has its whole answer.
    var isComplete: Bool { isAnswered && unended.isEmpty }
    /// Whether the peer may ask again on this connection.
    private(set) var keepsConnection = false
    /// Whether the peer speaks another protocol; it gets no answer.
    private(set) var isViolated = false

    private let scheme: Endpoint.Scheme
    private let retryAfter: Int
    /// The beginning of a FastCGI record, or of a whole request.
    private var head: [UInt8] = []
    /// Bytes left of a FastCGI record's content and padding.
    private var ignored = 0
    private var answers = 0
    /// FastCGI requests that end when their bodies do.
    private var unended: Set<UInt16> = []

    /// The most requests and questions that are answered on one connection.
    private static let mostAnswers = 64

    /// - Parameter retryAfter: seconds.
    init(_ scheme: Endpoint.Scheme, retryAfter: Int) {
        self.scheme = scheme
        self.retryAfter = retryAfter
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>) {
        guard !isViolated else { return }
        switch scheme {
        case .gateway(.fastCGI): receiveRecords(bytes)
        // A netstring begins with its length.
        case .gateway(.scgi): answerAtOnce(bytes, after: 1)
        case .gateway(.uwsgi): answerAtOnce(bytes, after: 4)
        case .program(.http): answerAtOnce(bytes, after: 1)
        }
    }

    /// Removes bytes that have been sent.
    mutating func sent(_ count: Int) { output.removeFirst(count) }

    // MARK: FastCGI

    /// FastCGI 1.0, section 8. The supervisor does without the wire's decoder, which keeps a request's parameters.
    private enum Record {
        static let headLength = 8
        static let version: UInt8 = 1
        static let beginRequest: UInt8 = 1
        static let abortRequest: UInt8 = 2
        static let endRequest: UInt8 = 3
        static let stdin: UInt8 = 5
        static let stdout: UInt8 = 6
        static let getValues: UInt8 = 9
        static let getValuesResult: UInt8 = 10
        static let requestComplete: UInt8 = 0
        static let authorizer: UInt8 = 2
        static let keepConnection: UInt8 = 1
    }

    private mutating func receiveRecords(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty, !isViolated {
            let skipped = min(ignored, rest.count)
            ignored -= skipped
            rest = rest.dropFirst(skipped)
            // A record that begins a request has content that matters.
            let isBeginning = head.count >= Record.headLength && head[1] == Record.beginRequest
            let needed = min((isBeginning ? 2 : 1) * Record.headLength - head.count, rest.count)
            head += rest.prefix(needed)
            rest = rest.dropFirst(needed)
            if head.count == Record.headLength, recordBegan() { head = [] }
            guard head.count == 2 * Record.headLength else { continue }
            requestBegan()
            head = []
        }
    }

    /// - Returns: whether the record's content does not matter.
    private mutating func recordBegan() -> Bool {
        let length = Int(head[4]) << 8 + Int(head[5])
        let isBeginning = head[1] == Record.beginRequest
        guard head[0] == Record.version, !isBeginning || length == Record.headLength else {
            isViolated = true
            return true
        }
        if isBeginning { return false }
        ignored = length + Int(head[6])
        switch head[1] {
        case Record.stdin where length == 0, Record.abortRequest: end(identifier)
        case Record.getValues where answers < Self.mostAnswers:
            // Some front servers ask for values before their first request, and use defaults for those that the answer
            // leaves out.
            append(Record.getValuesResult, 0, [])
            answers += 1
        default: break
        }
        return true
    }

    /// The answer is sent at once, but on a connection that is to be kept, its end waits for the end of the request:
    /// h2o 2.2 fails an assertion if a request is over while it still writes the body.
    private mutating func requestBegan() {
        ignored = Int(head[6])
        guard answers < Self.mostAnswers else { return }
        answers += 1
        append(Record.stdout, identifier, Array((status("Status:") + "\r\n").utf8))
        append(Record.stdout, identifier, [])
        isAnswered = true
        unended.insert(identifier)
        keepsConnection = head[10] & Record.keepConnection != 0 && answers < Self.mostAnswers
        let isAuthorizer = head[8] == 0 && head[9] == Record.authorizer
        if isAuthorizer || head[10] & Record.keepConnection == 0 { end(identifier) }
    }

    private mutating func end(_ request: UInt16) {
        guard unended.remove(request) != nil else { return }
        append(Record.endRequest, request, [0, 0, 0, 0, Record.requestComplete, 0, 0, 0])
    }

    private var identifier: UInt16 { UInt16(head[2]) << 8 | UInt16(head[3]) }

    private mutating func append(_ type: UInt8, _ request: UInt16, _ content: [UInt8]) {
        output += [Record.version, type, UInt8(request >> 8), UInt8(request & 0xFF)]
        output += [UInt8(content.count >> 8), UInt8(content.count & 0xFF), 0, 0] + content
    }

    // MARK: The others

    private mutating func answerAtOnce(_ bytes: ArraySlice<UInt8>, after count: Int) {
        guard !isAnswered else { return }
        head += bytes.prefix(count - head.count)
        guard head.count == count else { return }
        if scheme == .scgi, !(0x30...0x39).contains(head[0]) { return isViolated = true }
        let start = scheme == .scgi ? status("Status:") : status("HTTP/1.1") + "Connection: close\r\n"
        output += Array((start + "\r\n").utf8)
        isAnswered = true
    }

    private func status(_ start: String) -> String {
        "\(start) 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n"
            + "Cache-Control: no-store\r\nRetry-After: \(retryAfter)\r\n"
    }
}
