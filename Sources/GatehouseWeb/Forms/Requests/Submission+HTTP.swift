public import HTTPTypes
public import Hummingbird
import FoundationEssentials
import NIOCore

extension Submission {
    /// The status of the page that shows the form: 422 if something is wrong, else 200.
    public var status: HTTPResponse.Status { errors.isEmpty ? .ok : .unprocessableContent }
}

extension FormErrors: HTTPResponseError {
    /// 422
    public var status: HTTPResponse.Status { .unprocessableContent }

    /// The response if no handler takes the errors: `{"title":…,"status":422,"errors":{"email":["…"]}}` as
    /// `application/problem+json` (RFC 9457).
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        let bytes = try JSONEncoder().encode(Problem(title: "The form is not valid.", status: 422, errors: self))
        return Response(
            status: .unprocessableContent, headers: [.contentType: "application/problem+json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private struct Problem: Encodable {
        let title: String
        let status: Int
        let errors: FormErrors
    }
}

extension Request {
    /// Reads, decodes and validates the form in the body. What a visitor typed wrongly is in the submission.
    ///
    /// - Parameters:
    ///   - type: The form.
    ///   - bodies: The kinds of body that are taken, by Content-Type (default: those of browsers).
    ///   - limits: Bounds on the body.
    ///   - messages: The sentences for faults.
    /// - Throws: ``FormError``: for another type of body (415), over a limit (413), or for what is no text (400);
    ///   ``MultipartError`` and ``UploadError`` for a form with files.
    public func form<Value: Form>(
        _ type: Value.Type = Value.self, accepting bodies: [FormBody] = .forms, limits: FormLimits = FormLimits(),
        messages: FormMessages = .english
    ) async throws -> Submission<Value> {
        try Submission(try await fields(accepting: bodies, limits: limits), messages: messages)
    }

    /// Decodes and validates the query, as a form with `method="get"` sends it.
    ///
    /// - Throws: ``FormError`` over a limit (413), or for what is no text (400).
    public func query<Value: Form>(
        _ type: Value.Type = Value.self, limits: FormLimits = FormLimits(), messages: FormMessages = .english
    ) throws(FormError) -> Submission<Value> {
        try Submission(try queryFields(limits: limits), messages: messages)
    }
}
