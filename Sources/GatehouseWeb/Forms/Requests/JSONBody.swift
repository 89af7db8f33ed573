import FoundationEssentials
import Hummingbird
import NIOCore

extension FormBody {
    /// `application/json`, for a handler that takes forms and JSON. Its members become fields, so that both are read by
    /// the same rules and with the same errors: `{"items":[{"name":"a"}]}` is `items[0].name=a`.
    public static let json = FormBody(mediaType: "application/json") { request, limits in
        let body = try await request.collected(upTo: limits.bytes)
        return try body.withUnsafeReadableBytes { try FormFields(json: Data($0), limits: limits) }
    }
}
