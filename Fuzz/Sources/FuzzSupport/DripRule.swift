public import GatehouseWire

/// The same bytes give the same events and answers, however the transport cuts them, and whichever names the decoder
/// expects.
public enum DripRule {
    public struct Result {
        public var observations: [Observation]
        public var output: [UInt8]
    }

    /// - Parameters:
    ///   - splits: positions at which the bytes are cut; positions outside them are ignored.
    ///   - names: the names that earlier requests had.
    public static func run<Connection: GatewayConnection>(
        _ type: Connection.Type, _ bytes: [UInt8], limits: Limits, splits: [Int], checked: Bool,
        names: NameMemory? = nil
    ) -> Result {
        let checker = AnswerChecker()
        var driver = ConnectionDriver<Connection>(
            limits: limits, names: names, expect: { checker.expect($0) }, check: { if checked { checker.check($0) } })
        var start = 0
        for split in splits.sorted() + [bytes.count] where split > start && split <= bytes.count {
            driver.feed(Array(bytes[start..<split]))
            start = split
        }
        for id in driver.waiting { driver.end(id) }
        if checked { checker.finish() }
        return Result(observations: driver.observations, output: driver.output)
    }

    /// Compares the bytes whole with the bytes cut at `split` and, if they are few, byte by byte; and with the bytes
    /// that come again, so that their names are expected.
    public static func check<Connection: GatewayConnection>(
        _ type: Connection.Type, _ bytes: [UInt8], limits: Limits, split: Int, checked: Bool
    ) {
        let whole = run(type, bytes, limits: limits, splits: [], checked: checked)
        var ways = [[bytes.isEmpty ? 0 : split % (bytes.count + 1)]]
        if bytes.count <= 512 { ways.append(Array(1...max(bytes.count, 1))) }
        for splits in ways {
            let cut = run(type, bytes, limits: limits, splits: splits, checked: checked)
            require(cut.observations == whole.observations, "cut at \(splits.prefix(4)), the events are others")
            require(cut.output == whole.output, "cut at \(splits.prefix(4)), the answers are others")
        }
        let names = NameMemory()
        for _ in 1...3 {
            let again = run(type, bytes, limits: limits, splits: [], checked: checked, names: names)
            require(again.observations == whole.observations, "with names that are expected, the events are others")
            require(again.output == whole.output, "with names that are expected, the answers are others")
        }
    }
}
