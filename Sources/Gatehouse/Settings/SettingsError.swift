/// An error in a module's settings: one is missing or has the wrong type.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The module's name.
    public var module: String

    /// The place where the settings were written, such as `gatehouse.yaml:12`; empty if there are none.
    public var origin: String

    /// The path of the setting, and its fault: `database.port must be a whole number`.
    public var problem: String

    init(module: String, origin: String, problem: String) {
        self.module = module
        self.origin = origin
        self.problem = problem
    }

    init(_ error: DecodingError, module: String, origin: String) {
        self.init(module: module, origin: origin, problem: Self.problem(error))
    }

    /// `gatehouse.yaml:12: settings of Blog: database.port must be a whole number`
    public var description: String {
        (origin.isEmpty ? "" : "\(origin): ") + "settings of \(module): \(problem)"
    }

    private static func problem(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context): "\(path(context.codingPath)) must be \(name(of: type))"
        case .valueNotFound(let type, let context): "\(path(context.codingPath)) is empty, it must be \(name(of: type))"
        case .dataCorrupted(let context): "\(path(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        guard !keys.isEmpty else { return "the whole" }
        return keys.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [any CodingKey].Type: "a list"
        case is [String: Any].Type: "a mapping"
        default: "of type \(type)"
        }
    }
}
