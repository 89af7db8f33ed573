/// A protocol in which front servers pass requests to workers, by the word that begins an endpoint: `fastcgi:`.
///
/// To add one: a case here, a `GatewayConnection` in the wire, a `ClientCodec` in the client. Each place that answers
/// for every protocol is a `switch` without a default, so that the compiler asks: the two that make these, and for
/// programs `ProgramSettings.SocketPassing`, `ProgramRequest` and `RefusalAnswer`.
/// Messages list the protocols from `allCases`.
public enum GatewayProtocol: String, CaseIterable, Codable, Sendable {
    /// FastCGI 1.0, which carries many requests on a connection.
    case fastCGI = "fastcgi"
    /// SCGI, which carries one.
    case scgi
    /// uwsgi, uWSGI's own, which carries one as well.
    case uwsgi

    /// Every way to write something with a protocol in front of it, for messages: `fastcgi:/a.sock, scgi:/a.sock or …`.
    public static func choices(_ address: String = "", between conjunction: String = "or") -> String {
        let choices = allCases.map { "\($0.rawValue):\(address)" }
        guard let last = choices.last, choices.count > 1 else { return choices.joined() }
        return choices.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
    }
}

/// A protocol that no worker of ours speaks, but the program of a program pool may.
public enum ProgramProtocol: String, CaseIterable, Sendable {
    case http
}
