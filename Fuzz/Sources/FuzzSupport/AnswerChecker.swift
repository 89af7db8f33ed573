import GatehouseClient
public import GatehouseWire

/// Reads back what a FastCGI connection writes, as strictly as possible: any violation in it is a bug of ours.
public final class AnswerChecker {
    private var decoder = FastCGIResponseDecoder(ids: [])
    public private(set) var ends = 0
    public private(set) var expected = 0
    public private(set) var outputBytes = 0

    public init() {}

    public func expect(_ id: RequestID) {
        expected += 1
        decoder.expect(id.rawValue)
    }

    public func check(_ bytes: [UInt8]) {
        do throws(ResponseViolation) {
            for event in try decoder.receive(bytes) {
                switch event {
                case .ended: ends += 1
                case .output(let bytes, _): outputBytes += bytes.count
                case .error, .errorEnded, .outputEnded, .values, .unknownType: break
                }
            }
        } catch {
            require(false, "our own answer is wrong: \(error)")
        }
    }

    /// Every request that was to have an end has had exactly one: a second one is a violation in itself.
    public func finish() {
        require(decoder.isComplete, "\(expected) requests, \(ends) ends")
    }
}
