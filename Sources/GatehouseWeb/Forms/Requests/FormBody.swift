public import Hummingbird

/// A kind of request body that carries the fields of a form.
public struct FormBody: Sendable {
    /// The media type in lower case, without parameters.
    public let mediaType: String

    /// Reads the fields, no more of the body than the limits allow. It throws ``FormError``, and what reading the body
    /// throws.
    public let fields: @Sendable (_ request: Request, _ limits: FormLimits) async throws -> FormFields

    /// Makes a kind of body.
    public init(
        mediaType: String,
        fields: @escaping @Sendable (_ request: Request, _ limits: FormLimits) async throws -> FormFields
    ) {
        self.mediaType = mediaType
        self.fields = fields
    }
}

extension [FormBody] {
    /// The bodies that browsers send for forms, with files and without: ``FormBody/urlEncoded`` and
    /// ``FormBody/multipart(filesIn:limits:)`` with its defaults.
    public static var forms: [FormBody] { [.urlEncoded, .multipart()] }
}

extension Request {
    /// The media type of the body in lower case, without parameters; empty if the request does not say it.
    var mediaType: String {
        guard let type = headers[.contentType] else { return "" }
        let end = type.utf8.firstIndex(of: UInt8(ascii: ";")) ?? type.endIndex
        return FormText.trimmed(String(type[..<end])).lowercased()
    }

    /// Reads the form in the body, by the body's Content-Type.
    ///
    /// - Throws: ``FormError``: for another type than those that are accepted (415), over a limit (413), or for what is
    ///   no text (400); ``MultipartError`` and ``UploadError`` for a form with files.
    public func fields(
        accepting bodies: [FormBody] = .forms, limits: FormLimits = FormLimits()
    ) async throws -> FormFields {
        let mediaType = mediaType
        guard let body = bodies.first(where: { $0.mediaType == mediaType }) else {
            throw FormError(.unsupportedType(accepted: bodies.map(\.mediaType)))
        }
        return try await body.fields(self, limits)
    }

    /// Reads the query, as a form with `method="get"` sends it.
    ///
    /// - Throws: ``FormError`` over a limit (413), or for what is no text (400).
    public func queryFields(limits: FormLimits = FormLimits()) throws(FormError) -> FormFields {
        guard let query = uri.query else { return FormFields() }
        return try FormFields(urlEncoded: query, limits: limits)
    }
}
