/// Ends the program where what must always hold does not: that is how libFuzzer learns that an input is worth keeping.
@inline(__always)
public func require(_ holds: Bool, _ rule: @autoclosure () -> String) {
    if !holds { fatalError("invariant broken: \(rule())") }
}
