/// One visit to a form: what was typed, what is wrong with it, and the value if nothing is.
///
/// ```swift
/// let submission = try await request.form(Signup.self)
/// guard let signup = submission.value else { return page(submission).response(submission.status) }
/// ```
public struct Submission<Value: Form>: Sendable {
    /// The fields as they were typed.
    public let fields: FormFields

    /// The faults, by field.
    public private(set) var errors: FormErrors

    private let decoded: Value?

    /// The form, if nothing is wrong with it.
    public var value: Value? { errors.isEmpty ? decoded : nil }

    /// Decodes and validates fields.
    ///
    /// - Throws: ``FormError`` for a form that is no form of `Value` at all, such as nested too deep.
    public init(_ fields: FormFields, messages: FormMessages = .english) throws(FormError) {
        self.fields = fields
        let decoding = FormDecoding(fields, messages: messages)
        do {
            decoded = try decoding.value(Value.self, at: FormPlace())
        } catch let error as FormError {
            throw error
        } catch {
            decoded = nil
        }
        if decoded != nil { decoding.validate() }
        errors = decoding.errors
        // A type without a placeholder says by an error of its own that it cannot be made.
        if decoded == nil, errors.isEmpty { errors.add(.invalid) }
    }

    private init(fields: FormFields, messages: FormMessages) {
        self.fields = fields
        errors = FormErrors(messages: messages)
        decoded = nil
    }

    /// A form that nobody has filled in yet. It has neither a value nor errors.
    public static func empty(messages: FormMessages = .english) -> Submission {
        Submission(fields: FormFields(), messages: messages)
    }

    /// A form that has a stored value's texts in its fields, to be changed. It has neither a value nor errors.
    public static func filled(with stored: some Encodable, messages: FormMessages = .english) throws -> Submission {
        Submission(fields: try FormFields(encoding: stored), messages: messages)
    }

    /// Adds a fault that only the handler can find, such as a name that is taken. There is no value from then on.
    public mutating func fail(_ field: String = "", _ fault: FormFault) {
        errors.add(fault, to: field)
    }

    /// The value.
    ///
    /// - Throws: ``FormErrors``, which is a 422 with the messages as JSON if no handler takes it.
    public func valid() throws(FormErrors) -> Value {
        guard let value else { throw errors }
        return value
    }

    /// The form as a page shows it.
    public var view: FormView { FormView(fields: fields, errors: errors, shape: FormShape.of(Value.self)) }
}

extension FormFields {
    /// Makes a value of the fields, and validates it if it is a ``Form``. See ``Form`` for how texts are read.
    ///
    /// - Throws: ``FormErrors`` with all faults by field, ``FormError`` for names that are nested too deep.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, messages: FormMessages = .english
    ) throws -> Value {
        let decoding = FormDecoding(self, messages: messages)
        var value: Value?
        do {
            value = try decoding.value(type, at: FormPlace())
        } catch is FormDecoding.Stop {}
        if value != nil { decoding.validate() }
        if let value, decoding.errors.isEmpty { return value }
        if decoding.errors.isEmpty { decoding.errors.add(.invalid) }
        throw decoding.errors
    }
}
