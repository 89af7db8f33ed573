/// A fault of what a visitor typed into one field. ``FormMessages`` has the sentence for each.
///
/// A type of your own can throw one from its `init(from:)`: `throw FormFault.message("This is no number plate.")`, or
/// `throw "This is no number plate." as FormFault`.
public enum FormFault: Error, Sendable, Equatable {
    /// Nothing was typed.
    case required
    /// The text is no whole number.
    case wholeNumber
    /// The text is no number.
    case number
    /// The number is beyond what its type holds.
    case outOfRange
    /// The text is no date and no time.
    case date
    /// The text is none of the values that can be chosen.
    case choice
    /// The text is not what the field takes.
    case invalid
    /// The text has fewer characters.
    case tooShort(minimum: Int)
    /// The text has more characters.
    case tooLong(maximum: Int, count: Int)
    /// The value is less than the bound, which is given as text.
    case tooSmall(minimum: String)
    /// The value is more than the bound, which is given as text.
    case tooLarge(maximum: String)
    /// Fewer values are given or chosen.
    case tooFew(minimum: Int)
    /// More values are given or chosen.
    case tooMany(maximum: Int)
    /// The text is no email address.
    case email
    /// The text is no address of a web page.
    case url
    /// The text has line ends or other control characters.
    case singleLine
    /// The text is not the same as the one that it repeats.
    case different
    /// The box is not ticked.
    case accepted
    /// A sentence of the module's own.
    case message(String)
}

extension FormFault: ExpressibleByStringInterpolation {
    /// A sentence of the module's own.
    public init(stringLiteral value: String) { self = .message(value) }
}

/// The sentences for faults, in a visitor's language.
public struct FormMessages: Sendable {
    /// The sentence for a fault.
    public var text: @Sendable (FormFault) -> String

    /// Makes sentences. A closure that knows only some faults leaves the others to English:
    ///
    /// ```swift
    /// let german = FormMessages { $0 == .required ? "Bitte ausfüllen." : FormMessages.english.text($0) }
    /// ```
    public init(text: @escaping @Sendable (FormFault) -> String) { self.text = text }

    /// English.
    public static let english = FormMessages { fault in
        switch fault {
        case .required: "This field is required."
        case .wholeNumber: "Enter a whole number."
        case .number: "Enter a number."
        case .outOfRange: "This number is out of range."
        case .date: "Enter a date such as 2026-03-31, or a time such as 14:30."
        case .choice: "Choose one of the options."
        case .invalid: "This is not valid."
        case .tooShort(let minimum): "Enter at least \(characters(minimum))."
        case .tooLong(let maximum, let count): "Enter at most \(characters(maximum)); there are \(count)."
        case .tooSmall(let minimum): "Enter \(minimum) or more."
        case .tooLarge(let maximum): "Enter \(maximum) or less."
        case .tooFew(let minimum): "Give at least \(minimum)."
        case .tooMany(let maximum): "Give at most \(maximum)."
        case .email: "Enter an email address such as name@example.org."
        case .url: "Enter a web address that begins with https:// or http://."
        case .singleLine: "Enter one line of text."
        case .different: "The two entries are not the same."
        case .accepted: "Please tick this box."
        case .message(let text): text
        }
    }

    private static func characters(_ count: Int) -> String { count == 1 ? "1 character" : "\(count) characters" }
}
