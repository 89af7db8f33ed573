public import Gatehouse
import HTTPTypes
import Hummingbird

extension Request {
    /// Answers under the request's conditions (RFC 9110, section 13): 304 if the client has this state already, 412 if
    /// it would change another state than it has seen. Otherwise the closure makes the answer.
    ///
    /// ```swift
    /// router.get("/notes/:id") { request, context in
    ///     let note = try await store.note(context.parameters.require("id"))
    ///     return try await request.answer(etag: .strong("\(note.version)")) { try page(of: note) }
    /// }
    /// ```
    ///
    /// For GET and HEAD the answer gets `ETag` and `Last-Modified`. For other methods the conditions are checked before
    /// the closure changes anything; two clients that change at the same moment still need the version in the
    /// statement: `UPDATE … WHERE id = … AND version = …`.
    /// - Parameters:
    ///   - etag: the name of the present state; `nil` if there is none (nothing exists yet, or has a name).
    ///   - lastModified: the moment of the last change.
    ///   - exists: whether there is a present state, for `If-None-Match: *` and `If-Match: *`; `nil` for whether it has
    ///     an ETag.
    ///   - requiresMatch: whether a request that changes something must say which state it has seen: 428 without
    ///     `If-Match` (RFC 6585, section 3).
    ///   - headers: headers of the answer that a 304 needs, too: `Cache-Control`, `Vary`, `Expires`.
    public func answer(
        etag: ETag?, lastModified: HTTPDate? = nil, exists: Bool? = nil, requiresMatch: Bool = false,
        headers: HTTPFields = [:], _ make: () async throws -> Response
    ) async throws -> Response {
        let reads = method == .get || method == .head
        if requiresMatch, !reads, self.headers[.ifMatch] == nil { throw HTTPError(.preconditionRequired) }
        let outcome = RequestConditions(self).outcome(
            etag: etag, lastModified: lastModified, exists: exists ?? (etag != nil))
        var response: Response
        switch outcome {
        case .hold: response = try await make()
        case .notModified: response = Response(status: .notModified)
        case .failed: throw HTTPError(.preconditionFailed)
        }
        response.headers.replace(by: headers)
        guard reads, response.status.code < 400 else { return response }
        if let etag { response.headers[.eTag] = etag.text }
        if let lastModified { response.headers[.lastModified] = lastModified.text }
        return response
    }
}
