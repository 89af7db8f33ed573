import GatehouseConfiguration

/// What a connection is told where no worker can be started: 503, in the protocol of its endpoint. Bytes in, bytes out.
///
/// It reads no more of a request than it takes to answer it: of FastCGI the records' heads, of the others the first few
/// bytes. Only these are kept, whatever the peer sends.
struct RefusalAnswer {
    /// What is yet to be sent.
    private(set) var output: [UInt8] = []
    private(set) var isAnswered = false
    /// Whether the peer speaks another protocol; it gets no answer.
    private(set) var isViolated = false

    private let scheme: Endpoint.Scheme
    private let retryAfter: Int
    /// The beginning of a FastCGI record, or of a whole request.
    private var head: [UInt8] = []
    /// What is left of a FastCGI record's content and padding.
    private var ignored = 0
    private var answers = 0

    /// Requests and questions on one connection that are answered; all but a hostile peer's come in one piece.
    private static let mostAnswers = 64
    private static let text = "503 Service Unavailable\n"

    /// - Parameter retryAfter: seconds.
    init(_ scheme: Endpoint.Scheme, retryAfter: Int) {
        self.scheme = scheme
        self.retryAfter = retryAfter
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>) {
        guard !isViolated else { return }
        switch scheme {
        case .fastcgi: receiveRecords(bytes)
        // A netstring begins with its length.
        case .scgi: answerAtOnce(bytes, after: 1)
        case .uwsgi: answerAtOnce(bytes, after: 4)
        // As much as it takes to tell HEAD from other methods.
        case .http: answerAtOnce(bytes, after: 5)
        }
    }

    /// So many bytes have left.
    mutating func sent(_ count: Int) { output.removeFirst(count) }

    // MARK: FastCGI

    /// FastCGI 1.0, section 8. The supervisor does without the wire's decoder, which keeps a request's parameters.
    private enum Record {
        static let headLength = 8
        static let version: UInt8 = 1
        static let beginRequest: UInt8 = 1
        static let endRequest: UInt8 = 3
        static let stdout: UInt8 = 6
        static let getValues: UInt8 = 9
        static let getValuesResult: UInt8 = 10
        static let requestComplete: UInt8 = 0
    }

    private mutating func receiveRecords(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty, !isViolated {
            let skipped = min(ignored, rest.count)
            ignored -= skipped
            rest = rest.dropFirst(skipped)
            let needed = min(Record.headLength - head.count, rest.count)
            head += rest.prefix(needed)
            rest = rest.dropFirst(needed)
            guard head.count == Record.headLength else { return }
            recordBegan(head)
            head = []
        }
    }

    private mutating func recordBegan(_ head: [UInt8]) {
        guard head[0] == Record.version else { return isViolated = true }
        ignored = Int(head[4]) << 8 + Int(head[5]) + Int(head[6])
        guard answers < Self.mostAnswers else { return }
        switch head[1] {
        case Record.beginRequest:
            let id = [head[2], head[3]]
            let content = Array((status("Status:") + "\r\n" + Self.text).utf8)
            append(Record.stdout, id, content)
            append(Record.stdout, id, [])
            append(Record.endRequest, id, [0, 0, 0, 0, Record.requestComplete, 0, 0, 0])
            isAnswered = true
        case Record.getValues:
            // Some ask before they begin anything. Of what is left out they take the defaults.
            append(Record.getValuesResult, [0, 0], [])
        default: return
        }
        answers += 1
    }

    private mutating func append(_ type: UInt8, _ id: [UInt8], _ content: [UInt8]) {
        output += [Record.version, type] + id
        output += [UInt8(content.count >> 8), UInt8(content.count & 0xFF), 0, 0] + content
    }

    // MARK: The others

    private mutating func answerAtOnce(_ bytes: ArraySlice<UInt8>, after count: Int) {
        guard !isAnswered else { return }
        head += bytes.prefix(count - head.count)
        guard head.count == count else { return }
        if scheme == .scgi, !(0x30...0x39).contains(head[0]) { return isViolated = true }
        let start = scheme == .scgi ? status("Status:") : status("HTTP/1.1") + "Connection: close\r\n"
        let hasBody = scheme != .http || head != Array("HEAD ".utf8)
        output += Array((start + "\r\n" + (hasBody ? Self.text : "")).utf8)
        isAnswered = true
    }

    private func status(_ start: String) -> String {
        "\(start) 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Length: \(Self.text.utf8.count)\r\nCache-Control: no-store\r\nRetry-After: \(retryAfter)\r\n"
    }
}
