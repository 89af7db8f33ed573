/// An invariant that does not hold.
struct Violation: Error, CustomStringConvertible {
    var description: String
}
