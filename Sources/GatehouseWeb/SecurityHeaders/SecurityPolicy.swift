/// The headers by which a site tells browsers to be careful with it. `nil` leaves one out.
public struct SecurityPolicy: Sendable, Equatable {
    /// `Content-Security-Policy`.
    public var content: ContentPolicy? = .standard

    /// `Referrer-Policy`: `same-origin`, so that no other site learns which page its visitors come from.
    ///
    /// With `no-referrer`, browsers that know no `Sec-Fetch-Site` send forms with `Origin: null`, which
    /// ``CrossOriginProtection`` refuses.
    public var referrer: String? = "same-origin"

    /// `Cross-Origin-Opener-Policy`, over TLS alone, as browsers ignore it elsewhere: `same-origin`, so that windows of
    /// other sites have no hold on this one's. A sign-in in a pop-up window of another site needs
    /// `same-origin-allow-popups`.
    public var opener: String? = "same-origin"

    /// `Permissions-Policy`, such as `camera=(), geolocation=()`. By default none: a page asks for what it wants, and
    /// the visitor decides.
    public var permissions: String?

    /// `Strict-Transport-Security`, over TLS alone. By default none: a browser that has read it takes back nothing.
    public var strictTransport: StrictTransport?

    /// Whether all clients come by HTTPS, whatever the front server says.
    public var isHTTPSOnly = false

    /// Makes the policy with its defaults.
    public init() {}
}

/// `Strict-Transport-Security` (RFC 6797): browsers come to this host by HTTPS alone, for a time, and show no page at
/// all if its certificate is wrong.
public struct StrictTransport: Sendable, Equatable {
    /// The time for which browsers remember it, from each response on. Begin with minutes, and go up to a year.
    public var maximumAge: Duration

    /// Whether it holds for all names below this host's, too. Each of them then needs HTTPS.
    public var includesSubdomains: Bool

    /// Makes the rule.
    public init(maximumAge: Duration, includesSubdomains: Bool = false) {
        self.maximumAge = maximumAge
        self.includesSubdomains = includesSubdomains
    }

    /// The header's value.
    var text: String {
        "max-age=\(max(0, maximumAge.components.seconds))" + (includesSubdomains ? "; includeSubDomains" : "")
    }
}
