import HTTPTypes
public import Hummingbird

extension Response {
    /// This response with a `Cache-Control` of these directives (RFC 9111, section 5.2.2).
    ///
    /// ```swift
    /// return page.cached(.public, .maxAge(300))
    /// ```
    public func cached(_ directives: CacheControl.CacheControlValue...) -> Response {
        var response = self
        response.headers[.cacheControl] = directives.map(\.description).joined(separator: ", ")
        return response
    }
}

extension HTTPFields {
    /// Takes over the fields of others in place of those of the same names; a name may be there several times.
    mutating func replace(by others: HTTPFields) {
        for field in others { self[fields: field.name] = others[fields: field.name] }
    }
}
