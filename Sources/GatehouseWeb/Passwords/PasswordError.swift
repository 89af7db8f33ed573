public import Hummingbird
import Logging

/// A password that cannot be hashed, or a stored hash that cannot be verified. It never has any of the two.
public enum PasswordError: Error, Sendable, Equatable {
    /// The password is empty.
    case empty
    /// The password has more bytes than ``PasswordHasher/longestPassword``.
    case tooLong
    /// The stored text is no hash that this kit knows, or its cost is more than a request may take.
    case malformedHash
    /// The stored hash is Argon2id's, and this host has no libargon2.
    case noArgon2
    /// The hash could not be computed, for want of memory.
    case cannotCompute(String)
}

extension PasswordError: CustomStringConvertible {
    /// The error, for the log.
    public var description: String {
        switch self {
        case .empty: "an empty password cannot be hashed: validate it first"
        case .tooLong: "a password of more than \(PasswordHasher.longestPassword) bytes is not taken"
        case .malformedHash:
            "a stored password is no PHC string of argon2id or scrypt, or its cost is out of bounds: look at its row"
        case .noArgon2:
            "Argon2id needs the library libargon2.so.1 (Debian and Ubuntu: apt install libargon2-1): install it on "
                + "every host"
        case .cannotCompute(let reason): "a password's hash cannot be computed: \(reason)"
        }
    }
}

extension PasswordError: HTTPResponseError {
    /// 422 for a password that the client should change; else 500.
    public var status: HTTPResponse.Status {
        switch self {
        case .empty, .tooLong: .unprocessableContent
        case .malformedHash, .noArgon2, .cannotCompute: .internalServerError
        }
    }

    /// The response if no handler takes the error: its status, without a body. The log has the description.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        if status == .internalServerError { context.logger.error("\(description)") }
        return Response(status: status)
    }
}
