/// Ends the program if a rule that must always hold does not: so libFuzzer learns that it has found something.
@inline(__always)
public func require(_ holds: Bool, _ rule: @autoclosure () -> String) {
    if !holds { fatalError("invariant broken: \(rule())") }
}
