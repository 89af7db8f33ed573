import GatehouseServer
import GatehouseWire
import Glibc
import Logging
import Testing

/// D5: one record is one line, and nobody else's bytes command a terminal.
struct LoggingTests {
    @Test func `a record is one line with its request's id`() throws {
        var pipes: [Int32] = [0, 0]
        #expect(pipe(&pipes) == 0)
        defer { for end in pipes { close(end) } }
        let request = GatewayRequest(
            number: 5,
            head: RequestHead(
                id: RequestID(rawValue: 1), role: .responder, keepsConnection: true,
                parameters: GatewayVariables([("REQUEST_ID", "abc\n123")])),
            mountPath: "")
        let handler = LineLogHandler(label: "Blog", level: .info, sink: LogSink(descriptor: pipes[1])).with(request)
        var logger = Logger(label: "Blog") { _ in handler }
        logger[metadataKey: "user"] = "o\u{1b}ne"
        logger.warning("two\nlines", metadata: ["key": "val\rue"])
        var bytes = [UInt8](repeating: 0, count: 1_000)
        let count = read(pipes[0], &bytes, bytes.count)
        let line = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        #expect(line.hasSuffix(" warning Blog [abc\\n123] two\\nlines key=val\\rue user=o\\x1bne\n"))
        #expect(line.filter { $0 == "\n" }.count == 1)
        #expect(logger[metadataKey: "hb.request.id"] == "abc\n123")
    }

    @Test(arguments: [200, 201, 60_000])
    func `an id takes at most 200 bytes of a line, however long it is`(length: Int) throws {
        var pipes: [Int32] = [0, 0]
        #expect(pipe(&pipes) == 0)
        defer { for end in pipes { close(end) } }
        let id = String(repeating: "i", count: length)
        let request = GatewayRequest(
            number: 5,
            head: RequestHead(
                id: RequestID(rawValue: 1), role: .responder, keepsConnection: true,
                parameters: GatewayVariables([("REQUEST_ID", id)])),
            mountPath: "")
        let handler = LineLogHandler(label: "Blog", level: .info, sink: LogSink(descriptor: pipes[1])).with(request)
        Logger(label: "Blog") { _ in handler }.warning("said")
        var bytes = [UInt8](repeating: 0, count: 1_000)
        let count = read(pipes[0], &bytes, bytes.count)
        let line = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let shown = length == 200 ? id : String(repeating: "i", count: 200) + "… (\(length) bytes)"
        #expect(line.hasSuffix(" warning Blog [\(shown)] said\n"))
    }

    @Test func `a log that nobody reads holds up nobody, and says afterwards what it has lost`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        let sink = LogSink(descriptor: ends[1])
        for _ in 0..<1_000 { sink.write(String(repeating: "x", count: 255)) }
        let first = drain(ends[0]).count
        sink.write("again")
        let lines = drain(ends[0])
        #expect(first < 1_000 && lines.count == 2 && lines[1] == "again")
        #expect(lines[0].contains(" warning gatehouse [\(getpid())] \(1_000 - first) lines of the log were lost"))
    }

    private func drain(_ reader: Int32) -> [Substring] {
        var text = ""
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(reader, &bytes, bytes.count), count > 0 {
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        return text.split(separator: "\n")
    }
}
