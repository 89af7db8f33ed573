import Gatehouse

/// Links to other pages of a list: the request's own query with another position.
struct QueryLink: Sendable {
    /// The other parameters, as they came, without what could end an attribute or a header's link.
    private let kept: String

    /// - Parameters:
    ///   - query: the request's query, encoded.
    ///   - names: the parameters that give the position.
    init(query: String?, without names: Set<String>) {
        let pairs = (query ?? "").utf8.split(separator: UInt8(ascii: "&")).filter { pair in
            let name = Substring(pair.prefix { $0 != UInt8(ascii: "=") })
            return !names.contains(PercentCoding.decoded(name) ?? "")
        }
        kept = pairs.map { PercentCoding.encoded(String(Substring($0)), keeping: Self.isKept) }.joined(separator: "&")
    }

    /// Bytes that a query has as they are (RFC 3986, section 3.4), and `%`, which has been encoded already.
    private static func isKept(_ byte: UInt8) -> Bool {
        PercentCoding.isUnreserved(byte) || "%!$()*+,;=:@/?".utf8.contains(byte)
    }

    /// - Parameter value: of unreserved characters.
    func link(_ name: String, _ value: String) -> String {
        kept.isEmpty ? "?\(name)=\(value)" : "?\(kept)&\(name)=\(value)"
    }
}
