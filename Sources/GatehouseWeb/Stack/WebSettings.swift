/// The settings of the application kit: `settings: web:` of a module in the configuration. All of them have defaults.
///
/// ```yaml
/// settings:
///   web:
///     keys: ["${credential:session-key}"]
///     session-idle: 14d
/// ```
public struct WebSettings: Sendable, Equatable {
    /// `keys`: the secrets of the sessions, the newest first; `nil` for one that the module makes in its state folder.
    /// Never logged.
    public var keys: [String]?

    /// `session-name`: the name of the session's cookie; `nil` for the module's name.
    public var sessionName: String?

    /// `session-idle`, `session-lifetime`: the time that a session lives.
    public var session = SessionLifetime()

    /// `trusted-origins`: other sites whose pages may send requests here.
    public var trustedOrigins: [String] = []

    /// `csrf-tokens`: whether each form must have a token, beside the check of its origin. `false` by default.
    public var requiresCSRFTokens = false

    /// `https-only`: whether all clients come by HTTPS, whatever the front server says: for one behind another one that
    /// takes the TLS off. `false` by default: the front server says it with each request.
    public var isHTTPSOnly = false

    /// `strict-transport-security`: the time for which browsers come by HTTPS alone; `nil` for no such header.
    public var strictTransportSecurity: Duration?

    /// Makes settings with the defaults.
    public init() {}
}

extension WebSettings: CustomStringConvertible, CustomReflectable {
    /// The settings without the keys.
    public var description: String { "WebSettings(keys: \(keys.map { "\($0.count)" } ?? "none"))" }

    /// A mirror without children, so that `dump` shows no key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
