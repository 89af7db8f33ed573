import GatehouseConfiguration
import GatehousePlan

/// The request that asks a program whether it is well, in its endpoint's protocol, and the meaning of its answer.
struct ProgramRequest: Equatable {
    var path: String
    var scheme: Endpoint.Scheme
    /// The program's working directory, in which some programs look for a script (SCRIPT_FILENAME).
    var directory: String

    /// The meaning of an answer as far as it has come.
    enum Answer: Equatable {
        case incomplete
        case status(Int)
        /// It is no answer.
        case garbled
    }

    /// More than the head of any answer.
    private static let longestHead = 65_536

    var bytes: [UInt8] {
        switch scheme {
        case .program(.http):
            Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Gatehouse\r\nConnection: close\r\n\r\n".utf8)
        case .gateway(.fastCGI): fastcgi
        case .gateway(.scgi): scgi
        case .gateway(.uwsgi): uwsgi
        }
    }

    private var variables: [(name: String, value: String)] {
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let folder = directory == "/" ? "" : directory
        return [
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", path),
            ("SCRIPT_NAME", scheme == .fastCGI ? String(parts[0]) : ""),
            ("PATH_INFO", scheme == .fastCGI ? "" : String(parts[0])), ("DOCUMENT_URI", String(parts[0])),
            ("QUERY_STRING", parts.count > 1 ? String(parts[1]) : ""), ("SCRIPT_FILENAME", folder + parts[0]),
            ("DOCUMENT_ROOT", directory), ("SERVER_PROTOCOL", "HTTP/1.1"), ("GATEWAY_INTERFACE", "CGI/1.1"),
            ("SERVER_SOFTWARE", "Gatehouse"), ("SERVER_NAME", "localhost"), ("SERVER_PORT", "80"),
            ("REMOTE_ADDR", "127.0.0.1"), ("REMOTE_PORT", "0"), ("HTTP_HOST", "localhost"),
            ("REDIRECT_STATUS", "200"),
        ]
    }

    /// FastCGI 1.0, sections 3.3 to 3.4 and 5.1 to 5.2: begin, parameters, an empty body.
    private var fastcgi: [UInt8] {
        func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
            [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0] + content
        }
        func length(_ count: Int) -> [UInt8] {
            count < 128 ? [UInt8(count)] : [0x80, 0, UInt8(count >> 8 & 255), UInt8(count & 255)]
        }
        var parameters: [UInt8] = []
        for (name, value) in variables {
            parameters += length(name.utf8.count) + length(value.utf8.count) + Array(name.utf8) + Array(value.utf8)
        }
        return record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + record(4, parameters) + record(4, []) + record(5, [])
    }

    private var scgi: [UInt8] {
        let pairs = [("CONTENT_LENGTH", "0"), ("SCGI", "1")] + variables
        let text = pairs.map { "\($0.0)\u{0}\($0.1)\u{0}" }.joined()
        return Array("\(text.utf8.count):\(text),".utf8)
    }

    private var uwsgi: [UInt8] {
        func text(_ text: String) -> [UInt8] {
            [UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8 & 255)] + Array(text.utf8)
        }
        let content = variables.flatMap { text($0.name) + text($0.value) }
        return [0, UInt8(content.count & 255), UInt8(content.count >> 8 & 255), 0] + content
    }

    // MARK: The answer

    /// - Parameters:
    ///   - bytes: everything that has come.
    ///   - isWhole: whether the connection has ended.
    func answer(_ bytes: [UInt8], isWhole: Bool) -> Answer {
        var output = bytes[...]
        var isWhole = isWhole
        if scheme == .fastCGI {
            guard let found = Self.output(of: bytes) else { return .garbled }
            output = found.output[...]
            isWhole = isWhole || found.isEnded
        }
        let head = String(decoding: output.prefix(Self.longestHead), as: UTF8.self).replacing("\r\n", with: "\n")
        if head.hasPrefix("HTTP/") {
            guard head.contains("\n") || isWhole else { return .incomplete }
            let words = head.prefix { $0 != "\n" }.split(separator: " ")
            return words.count > 1 ? Int(words[1]).map { .status($0) } ?? .garbled : .garbled
        }
        if scheme == .http { return isWhole || head.utf8.count >= 5 ? .garbled : .incomplete }
        guard let end = head.firstRange(of: "\n\n") else {
            return isWhole || output.count >= Self.longestHead ? .garbled : .incomplete
        }
        // RFC 3875, section 6.3.3: without a status it is 200.
        let line = head[..<end.lowerBound].split(separator: "\n").first { $0.lowercased().hasPrefix("status:") }
        guard let line else { return .status(200) }
        return line.dropFirst(7).split(separator: " ").first.flatMap { Int($0) }.map { .status($0) } ?? .garbled
    }

    /// The content of standard output records, and whether the request has ended; `nil` if these are no records.
    private static func output(of bytes: [UInt8]) -> (output: [UInt8], isEnded: Bool)? {
        var output: [UInt8] = []
        var rest = bytes[...]
        while rest.count >= 8 {
            let header = Array(rest.prefix(8))
            guard header[0] == 1 else { return nil }
            let length = Int(header[4]) << 8 | Int(header[5])
            if header[1] == 3 { return (output, true) }
            if header[1] == 6 { output += rest.dropFirst(8).prefix(length) }
            rest = rest.dropFirst(8 + length + Int(header[6]))
        }
        return (output, false)
    }
}
