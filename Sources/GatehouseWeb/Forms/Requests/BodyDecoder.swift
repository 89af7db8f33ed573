public import FoundationEssentials
import Gatehouse
public import Hummingbird
import NIOCore

/// The decoder of `request.decode(as:context:)` that goes by the body's Content-Type: a form is decoded as ``Form``
/// says, JSON as JSON, and anything else is a 415.
///
/// ``WebContext`` and ``UserContext`` have it. Hummingbird's own reads any body as JSON, so that another site's page
/// could send some in a form of the type `text/plain`, for which a browser asks nobody.
public struct BodyDecoder: RequestDecoder {
    /// The decoder of JSON, with dates as ISO 8601 has them.
    public var json: JSONDecoder
    /// The kinds of body that are forms.
    public var forms: [FormBody]
    /// Bounds on a form.
    public var limits: FormLimits

    /// Makes a decoder.
    public init(forms: [FormBody] = .forms, limits: FormLimits = FormLimits()) {
        json = JSONDecoder()
        json.dateDecodingStrategy = .iso8601
        self.forms = forms
        self.limits = limits
    }

    /// Decodes the body.
    ///
    /// - Throws: ``FormError`` for a body of another type (415), over a limit (413), or that is no text (400);
    ///   ``MultipartError`` and ``UploadError`` for a form with files; ``FormErrors`` for a form's values (422);
    ///   what Hummingbird's decoder throws for JSON (400).
    public func decode<Value: Decodable>(
        _ type: Value.Type, from request: Request, context: some RequestContext
    ) async throws -> Value {
        let mediaType = request.mediaType
        if mediaType == "application/json" || (mediaType.hasPrefix("application/") && mediaType.hasSuffix("+json")) {
            let body = try await request.collected(upTo: context.maxUploadSize)
            return try await decode(type, from: body.withUnsafeReadableBytes { Data($0) })
        }
        guard forms.contains(where: { $0.mediaType == mediaType }) else {
            throw FormError(.unsupportedType(accepted: ["application/json"] + forms.map(\.mediaType)))
        }
        return try await request.fields(accepting: forms, limits: limits).decode(type)
    }

    /// The most bytes of JSON that are decoded on the event loop. Two MiB of empty objects take the decoder a second,
    /// in which the worker's other requests would stand still.
    private static let mostOnLoop = 16 << 10

    private func decode<Value: Decodable>(_ type: Value.Type, from data: Data) async throws -> Value {
        guard data.count > Self.mostOnLoop else { return try json.decode(type, from: data) }
        let decoding = Decoding { try json.decode(type, from: data) }
        let work: any WorkElsewhere = decoding
        await BlockingThreads.run { work.run() }
        return try decoding.result.get()
    }
}

/// Work that another thread does while nobody else has it. It is no generic type: a closure that goes to another thread
/// must not take a type along that may belong to an actor.
private protocol WorkElsewhere: AnyObject, Sendable {
    func run()
}

private final class Decoding<Value>: WorkElsewhere, @unchecked Sendable {
    private let body: () throws -> Value
    private(set) var result: Result<Value, any Error> = .failure(CancellationError())

    init(_ body: @escaping () throws -> Value) { self.body = body }

    func run() { result = Result(catching: body) }
}

extension WebContext {
    /// Forms and JSON, each by its Content-Type.
    public var requestDecoder: BodyDecoder { BodyDecoder() }
}

extension UserContext {
    /// Forms and JSON, each by its Content-Type.
    public var requestDecoder: BodyDecoder { BodyDecoder() }
}
