import CFastCGI

/// FastCGI records as a front server sends them, written out by hand.
enum Records {
    static func record(_ type: Int32, _ id: UInt16 = 1, _ content: [UInt8] = []) -> [UInt8] {
        [1, UInt8(type), UInt8(id >> 8), UInt8(id & 255), UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0]
            + content
    }

    static func begin(_ id: UInt16 = 1, role: Int32 = FCGI_RESPONDER, keeps: Bool = true) -> [UInt8] {
        record(FCGI_BEGIN_REQUEST, id, [0, UInt8(role), keeps ? 1 : 0, 0, 0, 0, 0, 0])
    }

    static func parameters(_ pairs: [(String, String)], _ id: UInt16 = 1) -> [UInt8] {
        let content = pairs.flatMap { name, value in
            length(name.utf8.count) + length(value.utf8.count) + Array(name.utf8) + Array(value.utf8)
        }
        return record(FCGI_PARAMS, id, content) + record(FCGI_PARAMS, id)
    }

    static func stdin(_ content: [UInt8], _ id: UInt16 = 1) -> [UInt8] {
        stride(from: 0, to: content.count, by: 32_768).flatMap {
            record(FCGI_STDIN, id, Array(content[$0..<min($0 + 32_768, content.count)]))
        }
    }

    static func stdinEnd(_ id: UInt16 = 1) -> [UInt8] { record(FCGI_STDIN, id) }

    static func abort(_ id: UInt16 = 1) -> [UInt8] { record(FCGI_ABORT_REQUEST, id) }

    /// A request up to the end of its parameters.
    static func head(
        _ method: String = "GET", _ target: String, _ id: UInt16 = 1, keeps: Bool = true, more: [(String, String)] = []
    ) -> [UInt8] {
        begin(id, keeps: keeps) + parameters([("REQUEST_METHOD", method), ("REQUEST_URI", target)] + more, id)
    }

    /// A whole request without a body.
    static func get(_ target: String, _ id: UInt16 = 1, keeps: Bool = true) -> [UInt8] {
        head("GET", target, id, keeps: keeps) + stdinEnd(id)
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 128
            ? [UInt8(count)]
            : [UInt8(count >> 24) | 0x80, UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
    }
}

/// One request's part of the bytes that came back on a connection.
struct Answer: Equatable {
    var output: [UInt8] = []
    /// The count of the request's ends, which should be one.
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

    /// - Returns: the answers by request id; `nil` if the bytes are no whole records.
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
