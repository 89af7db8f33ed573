import GatehouseServer
import HTTPTypes
package import HummingbirdCore

/// The conditions that a request makes about the state of what it asks for or changes (RFC 9110, section 13), and the
/// part of it that it asks for.
package struct RequestConditions {
    package enum Outcome: Sendable, Equatable {
        /// They hold, or there are none.
        case hold
        /// The client has this state: 304.
        case notModified
        /// The state is another than the client believes: 412.
        case failed
    }

    let method: HTTPRequest.Method
    private let header: (HTTPField.Name) -> String?

    package init(_ request: Request) {
        method = request.method
        header = { request.headers[$0] }
    }

    /// The conditions of a request as the front server sends them, in CGI variables.
    init(_ gateway: GatewayRequest) {
        method = gateway[variable: "REQUEST_METHOD"].flatMap { HTTPRequest.Method($0) } ?? .get
        header = { name in
            gateway[variable: "HTTP_" + String(name.canonicalName.uppercased().map { $0 == "-" ? "_" : $0 })]
        }
    }

    /// Looks at the conditions in the order of RFC 9110, section 13.2.2.
    /// - Parameters:
    ///   - exists: whether there is a present state: what `*` asks.
    ///   - lastModified: `nil` if it is not known; conditions about it hold then.
    package func outcome(etag: ETag?, lastModified: HTTPDate?, exists: Bool = true) -> Outcome {
        if let ifMatch = header(.ifMatch) {
            let matches = ETag.list(ifMatch).map { tags in tags.contains { etag?.isSame(as: $0) ?? false } } ?? exists
            if !matches { return .failed }
        } else if let date = header(.ifUnmodifiedSince).flatMap(HTTPDate.init), let lastModified {
            if lastModified > date { return .failed }
        }
        let reads = method == .get || method == .head
        if let ifNoneMatch = header(.ifNoneMatch) {
            let matches =
                ETag.list(ifNoneMatch).map { tags in tags.contains { etag?.isEquivalent(to: $0) ?? false } } ?? exists
            if matches { return reads ? .notModified : .failed }
        } else if reads, let date = header(.ifModifiedSince).flatMap(HTTPDate.init), let lastModified {
            if lastModified <= date { return .notModified }
        }
        return .hold
    }

    /// The part that is asked for, unless the client has another state than this (`If-Range`).
    func range(etag: ETag, lastModified: HTTPDate, size: Int64) -> ByteRange {
        guard method == .get else { return .whole }
        if let condition = header(.ifRange) {
            let holds =
                condition.utf8.first == UInt8(ascii: "\"")
                ? ETag.list(condition)?.first.map { etag.isSame(as: $0) } ?? false
                : HTTPDate(condition) == lastModified
            if !holds { return .whole }
        }
        return ByteRange(header(.range), size: size)
    }
}
