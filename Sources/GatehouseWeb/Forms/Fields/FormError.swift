/// The fault of a request whose form cannot be read at all: too large, no text, or of another type.
///
/// No browser sends such a form by itself, so it has no page: the client gets a status and a line
/// of text. What a visitor typed wrongly is no such error: see ``FormErrors``.
public struct FormError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault; open, so that a new one breaks no `switch`.
    public enum Kind: Sendable, Equatable {
        /// More bytes than ``FormLimits/bytes``.
        case tooLarge(limit: Int)
        /// More fields than ``FormLimits/fields``.
        case tooManyFields(limit: Int)
        /// A name of more bytes than ``FormLimits/nameBytes``.
        case nameTooLong(limit: Int)
        /// A value of more bytes than ``FormLimits/valueBytes``.
        case valueTooLong(limit: Int)
        /// A name or a value that is no UTF-8: cut off, overlong, a surrogate, or above U+10FFFF.
        case invalidText
        /// A name or a value with U+0000, which nobody types and no database takes.
        case nulCharacter
        /// Names that are nested deeper than ``FormFields/deepestName``.
        case tooDeep(limit: Int)
        /// A body that is not what its type says, such as JSON that is none.
        case malformed
        /// A body of another type than those that the handler takes, which are named.
        case unsupportedType(accepted: [String])
    }

    /// The kind.
    public var kind: Kind

    /// Makes an error.
    public init(_ kind: Kind) { self.kind = kind }

    /// The fault in one line, without anything that the client sent.
    public var description: String {
        switch kind {
        case .tooLarge(let limit): "the form has more than \(limit) bytes"
        case .tooManyFields(let limit): "the form has more than \(limit) fields"
        case .nameTooLong(let limit): "a field's name has more than \(limit) bytes"
        case .valueTooLong(let limit): "a field's value has more than \(limit) bytes"
        case .invalidText: "a field is not UTF-8"
        case .nulCharacter: "a field has the character U+0000"
        case .tooDeep(let limit): "fields are nested in more than \(limit) levels"
        case .malformed: "the body is not what its Content-Type says"
        case .unsupportedType(let accepted): "the body's type is none of \(accepted.joined(separator: ", "))"
        }
    }
}
