/// A web origin as browsers write it in `Origin` (RFC 6454, section 6.2): `https://example.org:8443`.
struct WebOrigin: Hashable, Sendable {
    let scheme: String
    /// The host with its port, unless that is the scheme's own.
    let host: String

    /// Reads an origin; `nil` for any other text, as `null`, or a URL with a path.
    init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound].lowercased()
        let host = text[colon.upperBound...]
        guard scheme.utf8.first.map(Self.isLetter) == true, scheme.utf8.allSatisfy(Self.isOfScheme), !host.isEmpty,
            host.utf8.allSatisfy(Self.isOfHost)
        else { return nil }
        self.scheme = scheme
        self.host = Self.withoutPort(of: scheme, String(host))
    }

    /// Whether a request's `Host` is this origin's: the scheme is not compared, since `Host` has none.
    func isSame(as host: String) -> Bool { self.host == Self.withoutPort(of: scheme, host) }

    /// The host in small letters, without the port that the scheme has anyway.
    private static func withoutPort(of scheme: String, _ host: String) -> String {
        let host = host.lowercased()
        let port = scheme == "http" ? ":80" : scheme == "https" ? ":443" : nil
        guard let port, host.hasSuffix(port), host.utf8.count > port.utf8.count else { return host }
        return String(host.dropLast(port.count))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "+-.".utf8.contains(byte)
    }

    /// A name, an address or a bracketed address, and a port.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        isLetter(byte | 0x20) || isDigit(byte) || "-._:[]".utf8.contains(byte)
    }
}
