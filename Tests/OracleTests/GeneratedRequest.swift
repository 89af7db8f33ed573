import GatehouseClient
import GatehouseWire

/// A request made from a number: the same number always makes the same request.
struct GeneratedRequest {
    var parameters: [ClientParameter]
    var body: [UInt8]
    var encoder: FastCGIRequestEncoder

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            return word ^ (word >> 31)
        }
    }

    init(seed: UInt64) {
        var random = Generator(state: seed)
        // Lengths around those at which an encoding or a record changes its form.
        let edges = [0, 1, 2, 127, 128, 129, 255, 256, 1_000, 8_191, 8_192, 32_768, 65_535]
        parameters = (0..<Int.random(in: 0...40, using: &random)).map { number in
            // Distinct names without "=", which libfcgi's NAME=value form could not show; no NUL, which ends C's text.
            let name = Array("N\(number)_".utf8) + Self.bytes(Int.random(in: 0...200, using: &random), 65...90, &random)
            let isLong = Int.random(in: 0..<8, using: &random) == 0
            let length = isLong ? edges.randomElement(using: &random) ?? 0 : Int.random(in: 0...60, using: &random)
            return ClientParameter(name: name, value: Self.bytes(min(length, 8_192), 1...255, &random))
        }
        let length = (edges + [65_536, 65_543, 200_000]).randomElement(using: &random) ?? 0
        // Eight bytes at a time: debug builds take their time over single ones.
        let words = (0...length / 8).map { _ in random.next() }
        body = words.withUnsafeBytes { Array($0.prefix(length)) }
        parameters.append(ClientParameter("CONTENT_LENGTH", "\(body.count)"))
        encoder = FastCGIRequestEncoder()
        encoder.parameterRecordLength = [3, 7, 8, 127, 8_184, 65_535].randomElement(using: &random) ?? 65_535
        encoder.bodyRecordLength = [100, 8_184, 32_768, 65_535].randomElement(using: &random) ?? 32_768
        encoder.alignment = [1, 8, 64, 256].randomElement(using: &random) ?? 8
    }

    /// The bytes that a front server sends, with id 1.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        // libfcgi takes the padding of this record for the next record's header, so it gets none.
        FastCGIRequestEncoder().appendBegin(.responder, keepsConnection: false, to: &bytes)
        encoder.appendParameters(parameters, to: &bytes)
        encoder.appendBody(body, to: &bytes)
        encoder.appendEndOfBody(to: &bytes)
        return bytes
    }

    /// The right reading of the request.
    var expected: LibfcgiEcho.Understanding {
        LibfcgiEcho.Understanding(
            parameters: parameters.map { $0.name + [UInt8(ascii: "=")] + $0.value }, body: body)
    }

    /// The library adds a parameter of its own, first.
    var expectedOfLibfcgi: LibfcgiEcho.Understanding {
        var all = expected
        all.parameters.insert(Array("FCGI_ROLE=RESPONDER".utf8), at: 0)
        return all
    }

    private static func bytes(_ count: Int, _ range: ClosedRange<UInt8>, _ random: inout Generator) -> [UInt8] {
        (0..<count).map { _ in range.lowerBound + UInt8(random.next() % UInt64(range.count)) }
    }
}
