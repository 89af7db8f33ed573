/// A form that visitors fill in: its properties are its fields, and ``validate(_:)`` says what must hold.
///
/// ```swift
/// struct Signup: Form {
///     var name: String
///     var email: String
///     var age: Int?
///     @SecretText var password: String
///     @SecretText var repeated: String
///     var terms: Bool
///
///     func validate(_ check: FormCheck) {
///         check("name", name).length(1...80).singleLine()
///         check("email", email).email()
///         check("age", age).range(18...120)
///         check("password", password).length(10...200)
///         check("repeated", repeated).matches(password)
///         check("terms", terms).accepted()
///     }
/// }
/// ```
///
/// The type says how a text is read:
/// - A property that is no optional must be filled in; nothing but white space is nothing. An optional is `nil` then.
/// - `String` has no white space at its ends, and `\n` between its lines. ``SecretText`` takes a text as it is.
/// - `Bool` is a box to tick: `on`, `true`, `1`, `yes`; `off`, `false`, `0`, `no` and a box that is not sent are false.
/// - Numbers, `Decimal`, `Date`, `UUID`, `URL` (of the web) and enums with a raw value are read from one text. If there
///   are several of a name, the last counts.
/// - An array has all texts of its name that are not empty, and is empty if there is none. `[String?]` keeps the empty
///   ones in their places.
/// - A `struct` in it has the fields `address.street`; an array of them has `items[0].name`. If nothing is typed in all
///   of one, an optional is `nil` and an array has no such element. The index orders elements; gaps are closed.
/// - Other fields of the body are not read, so a client can set nothing that the type does not name.
///
/// A form inside a form is validated, too.
public protocol Form: Decodable, Sendable {
    /// Checks the values. It is called even if some could not be read, with placeholders in their places; the rules of
    /// their fields are then left out, and ``FormCheck/isRead(_:)`` tells.
    func validate(_ check: FormCheck)
}

extension Form {
    /// Checks nothing beyond what the types say.
    public func validate(_ check: FormCheck) {}
}
