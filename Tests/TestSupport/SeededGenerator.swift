/// SplitMix64: the same numbers for the same seed in every run and on every machine, so that a failure can be repeated.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Whether an event of this likelihood, in percent, happens.
    public mutating func percent(_ likelihood: Int) -> Bool { Int.random(in: 0..<100, using: &self) < likelihood }

    public mutating func within(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}
