/// What must never happen has happened.
struct Violation: Error, CustomStringConvertible {
    var description: String
}
