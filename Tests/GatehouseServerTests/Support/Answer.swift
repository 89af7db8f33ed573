import CFastCGI

/// What came back on a connection, taken apart by request.
struct Answer: Equatable {
    var output: [UInt8] = []
    /// How often the request was ended: right is once.
    var ends = 0

    var text: String { String(decoding: output, as: UTF8.self) }
    var status: Int? { text.hasPrefix("Status: ") ? Int(text.dropFirst(8).prefix(3)) : nil }
    var body: String {
        text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first.map(
            String.init) ?? ""
    }
    var bodyLength: Int {
        guard let range = text.firstRange(of: "\r\n\r\n") else { return 0 }
        return output.count - text[..<range.upperBound].utf8.count
    }

    /// - Returns: the answers by request id; `nil` where the bytes are no whole records.
    static func parse(_ bytes: [UInt8]) -> [UInt16: Answer]? {
        var answers: [UInt16: Answer] = [:]
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 8 else { return nil }
            let header = Array(rest.prefix(8))
            let length = Int(header[4]) << 8 | Int(header[5])
            guard header[0] == 1, header[7] == 0, rest.count >= 8 + length + Int(header[6]) else { return nil }
            let id = UInt16(header[2]) << 8 | UInt16(header[3])
            let content = rest.dropFirst(8).prefix(length)
            switch Int32(header[1]) {
            case FCGI_STDOUT: answers[id, default: Answer()].output += content
            case FCGI_END_REQUEST: answers[id, default: Answer()].ends += 1
            default: return nil
            }
            rest = rest.dropFirst(8 + length + Int(header[6]))
        }
        return answers
    }
}
