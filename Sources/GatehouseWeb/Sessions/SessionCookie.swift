import HTTPTypes
import Hummingbird

/// The cookie of a session: its name, its attributes, and the look for it in a request.
struct SessionCookie: Sendable {
    /// The name of the cookie as browsers have it.
    let name: String
    private let attributes: String

    /// The most bytes of a cookie with name, value and attributes that browsers must keep (RFC 6265, section 6.1).
    static let longest = 4_096
    /// The most cookies of one name that are looked at. A browser sends one; several are somebody's attempt.
    private static let mostOfOneName = 4

    /// - Parameters:
    ///   - name: without prefix.
    ///   - isSecure: whether it travels over TLS alone. It then has the prefix `__Host-`, by which browsers take it
    ///     from this very host alone, and not from its neighbours (RFC 6265bis, section 4.1.3).
    init(name: String, isSecure: Bool) {
        self.name = isSecure ? "__Host-" + name : name
        attributes = "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    }

    /// The text of `Set-Cookie`.
    /// - Parameter maximumAge: in seconds; `nil` if the cookie ends with the browser.
    func text(_ value: String, maximumAge: Int?) -> String {
        "\(name)=\(value)\(attributes)" + (maximumAge.map { "; Max-Age=\($0)" } ?? "")
    }

    /// The text of `Set-Cookie` that removes the cookie.
    var removal: String { text("", maximumAge: 0) }

    /// The values of the cookies of this name, in the browser's order.
    func values(in headers: HTTPFields) -> [String] {
        guard let header = headers[.cookie] else { return [] }
        return Self.values(of: name, in: header)
    }

    /// The values of a name in the text of a `Cookie` header (RFC 6265, section 4.2), without allocating anything for
    /// other cookies.
    static func values(of name: String, in header: String) -> [String] {
        var header = header
        var name = name
        return header.withUTF8 { header in
            name.withUTF8 { name in
                var found: [String] = []
                var position = 0
                while position < header.count, found.count < mostOfOneName {
                    while position < header.count, header[position] == 0x20 || header[position] == 0x09 {
                        position += 1
                    }
                    let end = header[position...].firstIndex(of: UInt8(ascii: ";")) ?? header.count
                    let equals = position + name.count
                    if equals < end, header[equals] == UInt8(ascii: "="), header[position..<equals].elementsEqual(name)
                    {
                        found.append(String(decoding: header[(equals + 1)..<end], as: UTF8.self))
                    }
                    position = end + 1
                }
                return found
            }
        }
    }

    /// A name of tokens' characters alone (RFC 9110, section 5.6.2), of at most 64.
    static func tidied(_ name: String) -> String {
        let name = String(
            name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }.prefix(64))
        return name.isEmpty ? "session" : name
    }
}
