public import GatehouseDatabase

/// Slows down those who guess passwords, by the account and by the client's address, for all workers and hosts.
///
/// ```swift
/// let user = try await throttle.attempt(user?.id.signInText ?? form.email, from: context.gateway.remoteAddress) {
///     try await passwords.verify(form.password, against: user?.passwordHash) ? user : nil
/// }
/// ```
///
/// Each attempt counts before it is made, so that a thousand at the same time are not more than ten. One that succeeds
/// is given back. An address (of IPv6, a network of 64 bits, which is one customer's) has ``address``, and an account
/// has ``account`` for all addresses together from which nobody has signed in to it before. An address from which its
/// user has signed in within ``memory`` has ``account`` by itself: so an attacker who uses up an account's attempts
/// locks its user out nowhere that he has been before. Elsewhere a link by mail still lets him in.
public struct SignInThrottle: Sendable {
    /// The attempts at one account.
    public var account: Rate

    /// The attempts from one address.
    public var address: Rate

    /// The time for which an address is remembered from which a user has signed in.
    public var memory: Duration = .seconds(90 * 86_400)

    private let limits: RateLimits

    /// - Parameters:
    ///   - database: the database with the table of the migration `.signIn`.
    ///   - account: the attempts at one account. The default, ten at once and then one every two minutes, is less than
    ///     the hundred an hour that OWASP's ASVS allows.
    ///   - address: the attempts from one address, behind which a whole office may be.
    public init(
        _ database: Database, account: Rate = Rate(10, per: .seconds(1_200)),
        address: Rate = Rate(60, per: .seconds(1_200))
    ) {
        self.init(RateLimits(database), account: account, address: address)
    }

    package init(_ limits: RateLimits, account: Rate, address: Rate) {
        self.limits = limits
        self.account = account
        self.address = address
    }

    /// Makes one attempt to sign in, if there may be another one.
    /// - Parameters:
    ///   - account: the account: the user's key if there is one, else what was typed. The key is the same for all ways
    ///     to write an address that the database takes for one.
    ///   - client: the client's address; `nil` if the front server does not say it, and then it does not count.
    ///   - body: verifies. `nil` means that the attempt failed. An error is no success either.
    /// - Returns: the result of `body`.
    /// - Throws: ``TooManyAttempts``, which is a 429 with `Retry-After`; the error of `body`; an error of the database.
    public func attempt<Success>(
        _ account: String, from client: String?, _ body: () async throws -> Success?
    ) async throws -> Success? {
        let network = client.map(NetworkAddress.network(of:))
        if let network { try await limits.take(Name.address, network, atMost: address) }
        let place = Self.place(network, account)
        var isKnown = false
        if network != nil { isKnown = try await limits.remembers(Name.known, place) }
        let (name, key) = isKnown ? (Name.pair, place) : (Name.account, account)
        try await limits.take(name, key, atMost: self.account)
        guard let success = try await body() else { return nil }
        try await limits.giveBack(name, key, atMost: self.account)
        if let network {
            try await limits.giveBack(Name.address, network, atMost: address)
            try await limits.remember(Name.known, place, for: memory)
        }
        return success
    }

    /// Gives an account its attempts back: its user has set a new password by a link.
    /// - Parameters:
    ///   - account: the account, as for ``attempt(_:from:_:)``.
    ///   - client: the address from which he has set it: the attempts that count there by themselves are given back,
    ///     too. `nil` if the front server does not say it.
    public func forgive(_ account: String, from client: String?) async throws {
        try await limits.clear(Name.account, account)
        guard let client else { return }
        try await limits.clear(Name.pair, Self.place(NetworkAddress.network(of: client), account))
    }

    /// The key of an account at one address.
    private static func place(_ network: String?, _ account: String) -> String { "\(network ?? "")\u{0}\(account)" }

    private enum Name {
        static let account = "sign-in account"
        static let address = "sign-in address"
        static let pair = "sign-in pair"
        static let known = "sign-in known"
    }
}
