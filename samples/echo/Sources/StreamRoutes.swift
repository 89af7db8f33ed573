import Gatehouse

/// Handlers that wait, and handlers that answer in pieces.
struct StreamRoutes {
    let counters: Counters

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/sleep") { [counters] request, _ in
            try await counters.count {
                try await Task.sleep(for: .milliseconds(request.number("ms") ?? 50))
                return "slept\n"
            }
        }
        router.get("/spin") { request, _ in
            let end = ContinuousClock.now + .milliseconds(request.number("ms") ?? 50)
            while ContinuousClock.now < end {}
            return "spun\n"
        }
        router.get("/stream") { [counters] request, _ in
            let count = request.number("kib").map { $0 << 10 } ?? (request.number("mib") ?? 1) << 20
            let length = request.number("length") == 1 ? count : nil
            return Response(
                status: .ok, headers: [.contentType: "application/octet-stream"],
                body: ResponseBody(contentLength: length) { writer in
                    var writer = writer
                    try await counters.count { try await Pattern.write(count, to: &writer) }
                    try await writer.finish(nil)
                })
        }
        router.get("/events") { [counters] request, _ in
            let (count, pause) = (request.number("n") ?? 3, request.number("ms") ?? 50)
            return Response(
                status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"],
                body: ResponseBody { writer in
                    var writer = writer
                    try await counters.count {
                        for number in 0..<count {
                            try await writer.write(ByteBuffer(string: "data: \(number)\n\n"))
                            try await Task.sleep(for: .milliseconds(pause))
                        }
                    }
                    try await writer.finish(nil)
                })
        }
    }
}

/// The bytes that `/stream` sends: byte i is i modulo 251. No buffer's size is a multiple of that prime, so a byte too
/// many or too few anywhere makes everything after it wrong.
enum Pattern {
    private static let period = 251
    private static let pieceLength = 251 * 256

    /// A piece and one more period, so that a piece that begins anywhere in the pattern is a slice of this.
    private static let source = ByteBuffer(bytes: (0..<(pieceLength + period)).map { UInt8($0 % period) })

    static func write(_ count: Int, to writer: inout any ResponseBodyWriter) async throws {
        var written = 0
        while written < count {
            let length = min(pieceLength, count - written)
            if let piece = source.getSlice(at: written % period, length: length) { try await writer.write(piece) }
            written += length
        }
    }
}
