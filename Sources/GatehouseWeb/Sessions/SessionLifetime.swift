/// The time that a session lives.
public struct SessionLifetime: Sendable, Equatable {
    /// The time after its last use at which a session ends: 14 days by default.
    public var idle: Duration

    /// The age at which a session ends however much it is used: 90 days by default.
    public var absolute: Duration

    /// Whether the cookie outlives the browser; `true` by default. Browsers that restore their windows keep other
    /// cookies as well.
    public var outlivesBrowser: Bool

    /// Makes a lifetime.
    public init(
        idle: Duration = .seconds(14 * 86_400), absolute: Duration = .seconds(90 * 86_400), outlivesBrowser: Bool = true
    ) {
        self.idle = idle
        self.absolute = absolute
        self.outlivesBrowser = outlivesBrowser
    }

    /// The end of a session, in seconds since 1970.
    func end(created: Int, used: Int) -> Int {
        min(used + Self.seconds(idle), created + Self.seconds(absolute))
    }

    /// Whether so much of the idle time has passed that the use must be written down: a tenth, so that not each
    /// response has to carry a cookie.
    func isWorthRefreshing(used: Int, now: Int) -> Bool {
        now - used >= max(1, Self.seconds(idle) / 10)
    }

    /// Whole seconds, at most some centuries, so that no sum is too large.
    private static func seconds(_ time: Duration) -> Int { Int(min(max(time.components.seconds, 0), 1 << 34)) }
}
