import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import TestSupport
import Testing

/// Answers of the supervisor itself if no worker can be started.
struct RefusalAnswerTests {
    private func record(_ type: UInt8, _ id: UInt8 = 1, _ content: [UInt8] = [], padding: UInt8 = 0) -> [UInt8] {
        [1, type, 0, id, UInt8(content.count >> 8), UInt8(content.count & 0xFF), padding, 0] + content
            + [UInt8](repeating: 0, count: Int(padding))
    }

    private func begin(_ id: UInt8 = 1, keep: Bool = false) -> [UInt8] {
        record(1, id, [0, 1, keep ? 1 : 0, 0, 0, 0, 0, 0])
    }

    private func answer(_ scheme: Endpoint.Scheme, _ pieces: [[UInt8]]) -> RefusalAnswer {
        var answer = RefusalAnswer(scheme, retryAfter: 7)
        for piece in pieces { answer.receive(piece[...]) }
        return answer
    }

    /// Type, identifier and content of each record.
    private func records(_ bytes: [UInt8]) -> [(type: UInt8, id: UInt8, content: String)] {
        var rest = bytes[...]
        var found: [(type: UInt8, id: UInt8, content: String)] = []
        while rest.count >= 8 {
            let head = Array(rest.prefix(8))
            let length = Int(head[4]) << 8 + Int(head[5])
            found.append((head[1], head[3], String(decoding: rest.dropFirst(8).prefix(length), as: UTF8.self)))
            rest = rest.dropFirst(8 + length + Int(head[6]))
        }
        #expect(rest.isEmpty)
        return found
    }

    private static let head =
        "503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n"
        + "Cache-Control: no-store\r\nRetry-After: 7\r\n"

    @Test(arguments: [1, 3, 7, 8, 1_000]) func `a FastCGI request is answered, however it is cut`(size: Int) {
        let request = begin(5) + record(4, 5, [1, 1, 65, 66], padding: 4) + record(4, 5) + record(5, 5)
        let pieces = stride(from: 0, to: request.count, by: size).map { Array(request.dropFirst($0).prefix(size)) }
        let answer = answer(.fastCGI, pieces)
        let found = records(answer.output)
        #expect(found.map(\.type) == [6, 6, 3] && found.allSatisfy { $0.id == 5 })
        #expect(found[0].content == "Status: " + Self.head + "\r\n")
        #expect(found[2].content == String(repeating: "\0", count: 8))
        #expect(answer.isComplete && !answer.isViolated)
    }

    @Test func `requests that share a connection are answered one by one`() {
        let found = records(answer(.fastCGI, [begin(1) + begin(2) + record(4, 1) + record(4, 2)]).output)
        #expect(found.map(\.id) == [1, 1, 1, 2, 2, 2])
    }

    @Test func `who asks for values before the first request is told that there are none`() {
        let answer = answer(.fastCGI, [record(9, 0, [14, 0] + Array("FCGI_MAX_CONNS".utf8))])
        #expect(records(answer.output).map(\.type) == [10])
        #expect(!answer.isComplete, "the request is yet to come")
    }

    @Test(arguments: [false, true]) func `on a kept connection a request ends with its body`(isAborted: Bool) {
        var answer = answer(.fastCGI, [begin(keep: true) + record(4) + record(5, 1, [65])])
        #expect(records(answer.output).map(\.type) == [6, 6] && !answer.isComplete)
        answer.receive(record(isAborted ? 2 : 5)[...])
        #expect(records(answer.output).map(\.type) == [6, 6, 3] && answer.isComplete)
        answer.receive(record(5)[...])
        #expect(records(answer.output).count == 3, "it ends once")
    }

    @Test func `an authorizer's request has no body to wait for`() {
        let answer = answer(.fastCGI, [record(1, 1, [0, 2, 1, 0, 0, 0, 0, 0])])
        #expect(records(answer.output).map(\.type) == [6, 6, 3] && answer.isComplete)
    }

    @Test func `a flood of requests gets so many answers and no more`() {
        let answer = answer(.fastCGI, [(0..<10_000).flatMap { _ in begin() }])
        #expect(answer.output.count < 64 * 300)
    }

    @Test func `the length of SCGI begins the request`() {
        let answer = answer(.scgi, [Array("7".utf8), Array("0:CONTENT_LENGTH".utf8)])
        #expect(
            String(decoding: answer.output, as: UTF8.self)
                == "Status: " + Self.head + "\r\n")
    }

    @Test func `HTTP is answered as it is, and its connection ends`() {
        let answer = answer(.http, Array("GET / HTTP/1.1\r\n\r\n".utf8).map { [$0] })
        #expect(
            String(decoding: answer.output, as: UTF8.self)
                == "HTTP/1.1 " + Self.head + "Connection: close\r\n\r\n")
    }

    @Test func `uwsgi is answered as HTTP is`() {
        let answer = answer(.uwsgi, [[0, 10, 0], [0, 1]])
        #expect(String(decoding: answer.output, as: UTF8.self).hasPrefix("HTTP/1.1 503 "))
    }

    @Test(arguments: [
        (Endpoint.Scheme.fastCGI, Array("GET / HTTP/1.1\r\n\r\n".utf8)), (.scgi, Array("GET / HTTP/1.1\r\n\r\n".utf8)),
        (.fastCGI, [2, 1, 0, 1, 0, 8, 0, 0]), (.fastCGI, [1, 1, 0, 1, 0, 7, 0, 0]),
    ])
    func `another protocol gets nothing`(scheme: Endpoint.Scheme, bytes: [UInt8]) {
        let answer = answer(scheme, [bytes])
        #expect(answer.isViolated && answer.output.isEmpty)
    }

    @Test func `bytes at random never do any harm`() {
        var random = SeededGenerator(seed: 7)
        for scheme in Endpoint.Scheme.allCases {
            for _ in 0..<2_000 {
                let pieces = (0..<4).map { _ in
                    (0..<random.within(0...40)).map { _ in random.percent(50) ? 1 : UInt8(random.within(0...255)) }
                }
                #expect(answer(scheme, pieces).output.count < 64 * 300)
            }
        }
    }
}
