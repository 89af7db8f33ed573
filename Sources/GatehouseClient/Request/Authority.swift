/// `Host`'s two parts (RFC 9110, section 7.2): `example.org:8080`, `[::1]:8080`, `example.org`.
struct Authority: Equatable {
    var host: String
    var port: String?

    init(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), text.last != "]", !text[..<colon].contains(":") || text.first == "["
        else {
            host = text
            return
        }
        host = String(text[..<colon])
        port = String(text[text.index(after: colon)...])
    }
}
