import GatehouseServer
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

struct BackPressureTests {
    @Test func `a handler that does not read stops the reading, and reading resumes with it`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            await gate.pass()
            var count = 0
            for try await chunk in request.body { count += chunk.readableBytes }
            return Bench.text("\(count)")
        }
        try await bench.send(Records.head("POST", "/"))
        let piece = Records.stdin([UInt8](repeating: 1, count: 65_536))
        var sent = 0
        while try await bench.on({ !$0.transport.isReadingPaused }) {
            try await bench.send(piece)
            sent += 65_536
        }
        // The budget, and at most the one piece that passed it.
        #expect(sent <= Limits().bufferedBytesPerRequest + 65_536)
        gate.open()
        try await bench.when { !$0.isReadingPaused }
        try await bench.send(Records.stdinEnd())
        #expect(try await bench.answer().body == "\(sent)")
    }

    @Test func `a slow reader makes the handler wait`() async throws {
        let counter = Counter()
        let bench = try await Bench { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    for _ in 0..<50 {
                        try await writer.write(ByteBuffer(repeating: 1, count: 65_536))
                        counter.add(1)
                    }
                    try await writer.finish(nil)
                })
        }
        try await bench.on { $0.transport.isWritable = false }
        try await bench.send(Records.get("/"))
        #expect(counter.value == 0)
        try await bench.on { bench in
            bench.transport.isWritable = true
            bench.engine.writabilityChanged()
        }
        #expect(try await bench.answer().bodyLength == 50 * 65_536)
        #expect(counter.value == 50)
    }

    @Test func `small pieces that wait are put together, in order, and large ones stay as they are`() async throws {
        let poll = try PollLoop()
        try poll.start()
        defer { poll.stop() }
        let taken = Counter()
        let stream = BodyStream(loop: poll) { taken.add($0) }
        let large = [UInt8](repeating: 255, count: 16_385)
        for byte in 0..<20_000 { #expect(stream.push(ByteBuffer(bytes: [UInt8(byte & 127)]))) }
        #expect(stream.push(ByteBuffer(bytes: large)))
        #expect(stream.push(ByteBuffer(bytes: [1])))
        #expect(stream.push(ByteBuffer(bytes: [2])))
        stream.finish()
        var pieces: [[UInt8]] = []
        for try await piece in stream { pieces.append(Array(piece.readableBytesView)) }
        #expect(pieces.map(\.count) == [16_384, 3_616, 16_385, 2])
        #expect(pieces.prefix(2).joined().elementsEqual((0..<20_000).map { UInt8($0 & 127) }))
        #expect(pieces.last == [1, 2])
    }

    @Test func `one stalled request on a shared connection is failed and the others go on`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            if request.uri.path == "/stalled" { await gate.pass() }
            for try await _ in request.body {}
            return Bench.text(request.uri.path)
        }
        try await bench.send(Records.head("POST", "/stalled", 1) + Records.head("POST", "/other", 2))
        try await bench.send(Records.stdin([UInt8](repeating: 1, count: 300_000), 1))
        #expect(try await bench.on { $0.transport.isReadingPaused })
        try await bench.tick(after: Limits().stalledRequestTime + 1_000_000_000)
        #expect(try await bench.answers(until: 1)[1]?.status == 503)
        #expect(try await bench.on { !$0.transport.isReadingPaused })
        try await bench.send(Records.stdin([1], 1) + Records.stdinEnd(2))
        #expect(try await bench.answers(until: 2)[2]?.body == "/other")
        gate.open()
    }

    private static let values = Records.record(9, 0, [14, 0] + Array("FCGI_MAX_CONNS".utf8))

    @Test(arguments: [values, Records.record(99, 0)])
    func `a management record is answered while an answer waits for its peer`(record: [UInt8]) async throws {
        let bench = try await Bench { _, _ in Bench.text("") }
        try await bench.on { $0.transport.isWritable = false }
        try await bench.send(record)
        #expect(try await bench.on { $0.transport.closing } == nil)
        #expect(try await bench.on { $0.transport.sent.count } >= 16)
    }

    @Test func `a peer that asks on and on and reads no answers is closed`() async throws {
        let bench = try await Bench { _, _ in Bench.text("") }
        try await bench.on { $0.transport.isWritable = false }
        try await bench.send(Array(repeatElement(Self.values, count: 1_000).joined()))
        #expect(try await bench.on { $0.transport.closing } == .atOnce)
        #expect(try await bench.on { $0.transport.sent.count } < 8_192)
    }
}
