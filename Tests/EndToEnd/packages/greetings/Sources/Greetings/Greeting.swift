/// A module's own dependency: nothing of it is in the runtime library.
public struct Greeting: Sendable {
    public let name: String

    public init(name: String) { self.name = name }

    public var text: String { "Good morning, \(name)" }
}
