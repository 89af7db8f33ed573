public import HTTPTypes
public import Hummingbird
import Logging
import NIOCore

extension FormError: HTTPResponseError {
    /// The status that the client gets: 413 over a limit, 415 for another type, 400 for what cannot be read.
    public var status: HTTPResponse.Status {
        switch kind {
        case .tooLarge, .tooManyFields, .nameTooLong, .valueTooLong: .contentTooLarge
        case .unsupportedType: .unsupportedMediaType
        case .invalidText, .nulCharacter, .tooDeep, .malformed: .badRequest
        }
    }

    /// The response if no handler takes the error: ``status`` and a line of text that says why. A 415 names the types
    /// that are taken, in `Accept-Post`.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        context.logger.info("a form is refused: \(description)")
        var headers: HTTPFields = [.contentType: "text/plain; charset=utf-8"]
        if case .unsupportedType(let accepted) = kind, let name = HTTPField.Name("Accept-Post") {
            headers[name] = accepted.joined(separator: ", ")
        }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: description + "\n")))
    }
}
