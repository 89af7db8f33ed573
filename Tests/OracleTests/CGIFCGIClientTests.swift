import GatehouseClient
import GatehouseWire
import Glibc
import TestSupport
import Testing

/// libfcgi's command-line client on the other side of the wire.
@Suite struct CGIFCGIClientTests {
    /// Runs `cgi-fcgi -bind -connect` against the wire.
    private func run(
        environment: [String: String], body: [UInt8], answer: [UInt8]
    ) throws -> (reader: WireReader, printed: [UInt8]) {
        let folder = try TemporaryFolder()
        let socket = "\(folder.path)/wire.sock"
        let listener = try UnixSocket.listening(at: socket)
        let file = "\(folder.path)/body"
        let input = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(input) }
        var rest = body[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            try #require(count > 0)
            rest = rest.dropFirst(count)
        }
        lseek(input, 0, SEEK_SET)
        let client: ChildProcess
        do {
            client = try ChildProcess(
                ["/usr/bin/cgi-fcgi", "-bind", "-connect", socket], environment: environment, input: input)
        } catch {
            throw ChildProcess.Failure(description: "\(error): is the package libfcgi-bin installed?")
        }
        let connection = try listener.accepted()
        var reader = WireReader()
        while !reader.isBodyEnded {
            let bytes = try #require(try Descriptor.read(connection.descriptor))
            try #require(!bytes.isEmpty, "cgi-fcgi closed before the end of its request")
            try reader.receive(bytes)
        }
        try Descriptor.write(reader.answer(answer), to: connection.descriptor)
        let printed = try client.readToEnd()
        #expect(client.wait() == 0)
        return (reader, printed)
    }

    @Test func `a request of cgi-fcgi is understood, and it prints our answer`() throws {
        let environment = [
            "REQUEST_METHOD": "GET", "REQUEST_URI": "/hello?a=b", "QUERY_STRING": "a=b", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_X_LONG": String(repeating: "v", count: 5_000), "EMPTY": "",
            String(repeating: "N", count: 200): "a long name",
        ]
        let answer = Array("Content-Type: text/plain\r\n\r\nHello".utf8)
        let (reader, printed) = try run(environment: environment, body: [], answer: answer)
        let head = try #require(reader.head)
        #expect(head.role == .responder)
        #expect(Dictionary(head.parameters.pairs.map { ($0.name, $0.value) }) { $1 } == environment)
        #expect(printed == answer)
    }

    @Test func `a body that cgi-fcgi sends in pieces comes whole, and so does an answer of many records`() throws {
        let body = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let answer = Array("Status: 200 OK\r\n\r\n".utf8) + body.reversed()
        let environment = ["REQUEST_METHOD": "POST", "REQUEST_URI": "/", "CONTENT_LENGTH": "\(body.count)"]
        let (reader, printed) = try run(environment: environment, body: body, answer: answer)
        // Compared outside the macro, which would print both.
        let isSameBody = reader.understanding.body == body
        let isSameAnswer = printed == answer
        #expect(isSameBody && isSameAnswer)
    }
}
