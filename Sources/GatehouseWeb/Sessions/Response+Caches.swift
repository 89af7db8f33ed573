import HTTPTypes
import Hummingbird

extension Response {
    /// Says that the response depends on the visitor, so that shared caches (RFC 9111, section 3.5) keep it from
    /// others.
    /// - Parameter hasCookie: whether it carries a session's cookie. Then even a handler that calls it public is
    ///   overruled: whoever got the response from a cache would get the session with it.
    mutating func keepFromSharedCaches(hasCookie: Bool) {
        let vary = headers[.vary] ?? ""
        if vary.isEmpty {
            headers[.vary] = "Cookie"
        } else if !Self.words(vary).contains(where: { $0 == "cookie" || $0 == "*" }) {
            headers[.vary] = vary + ", Cookie"
        }
        guard let control = headers[.cacheControl], !control.isEmpty else {
            headers[.cacheControl] = "private"
            return
        }
        let words = Self.words(control)
        guard hasCookie, !words.contains("private"), !words.contains("no-store") else { return }
        let kept = words.filter { $0 != "public" && !$0.hasPrefix("s-maxage") }
        headers[.cacheControl] = (["private"] + kept).joined(separator: ", ")
    }

    private static func words(_ header: String) -> [String] {
        header.split(separator: ",").map { word in
            word.lowercased().drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        }.map { String($0) }
    }
}
