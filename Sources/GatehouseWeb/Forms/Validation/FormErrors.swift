/// The faults of a form by field, all of them, in the order in which they were found.
///
/// Thrown from a handler, it is a 422 with the messages as JSON: see ``Submission/valid()``.
public struct FormErrors: Error, Sendable {
    /// The fields with faults, in the order of the first; the empty name is the form as a whole.
    public private(set) var fields: [String] = []

    /// The sentences for the faults.
    public var messages: FormMessages

    private var faults: [String: [FormFault]] = [:]

    /// Makes errors without any.
    public init(messages: FormMessages = .english) { self.messages = messages }

    /// Whether there is none.
    public var isEmpty: Bool { fields.isEmpty }

    /// The messages of a field; empty if it has none. The empty name is the form as a whole.
    public subscript(field: String) -> [String] { faults(of: field).map(messages.text) }

    /// The first message of a field.
    public func first(_ field: String) -> String? { faults(of: field).first.map(messages.text) }

    /// The faults of a field.
    public func faults(of field: String) -> [FormFault] { faults[field] ?? [] }

    /// Adds a fault to a field, or to the form as a whole, unless it has the same one.
    public mutating func add(_ fault: FormFault, to field: String = "") {
        if faults[field] == nil { fields.append(field) }
        guard faults[field]?.contains(fault) != true else { return }
        faults[field, default: []].append(fault)
    }

    /// Replaces the last fault of a field.
    mutating func replaceLast(of field: String, by fault: FormFault) {
        guard let count = faults[field]?.count, count > 0 else { return }
        faults[field]?[count - 1] = fault
    }
}

extension FormErrors: CustomStringConvertible {
    /// The fields and their messages in one line, without anything that a visitor typed.
    public var description: String {
        fields.map { "\($0.isEmpty ? "form" : $0): \(self[$0].joined(separator: " "))" }.joined(separator: "; ")
    }
}

extension FormErrors: Encodable {
    /// An object with an array of messages for each field.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FormKey.self)
        for field in fields { try container.encode(self[field], forKey: FormKey(stringValue: field)) }
    }
}

/// A key for any name.
struct FormKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = "\(intValue)"
        self.intValue = intValue
    }
}
