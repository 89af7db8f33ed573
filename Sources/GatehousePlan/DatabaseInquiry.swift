/// The question of `gatehouse check --database` to `gatehouse-worker --database`, which can load clients' libraries:
/// how many connections does the server of this module's database allow? JSON on standard input, because it has
/// passwords.
public struct DatabaseQuestion: Codable, Sendable, Equatable {
    /// The module's settings, as in its plan.
    public var settings: String
    /// The place of the settings, for messages.
    public var settingsOrigin: String

    public init(settings: String, settingsOrigin: String) {
        self.settings = settings
        self.settingsOrigin = settingsOrigin
    }
}

/// The answer: JSON on a descriptor of its own, which nothing that a library prints can reach.
public struct DatabaseAnswer: Codable, Sendable, Equatable {
    /// The number of that descriptor in the process that answers.
    public static let descriptor: Int32 = 3

    /// The most connections that the server allows to this user; `nil` if it could not be asked.
    public var limit: Int?
    /// Connections that are open now, everybody's.
    public var open: Int?
    /// The reason why it could not be asked.
    public var problem: String?

    public init(limit: Int? = nil, open: Int? = nil, problem: String? = nil) {
        self.limit = limit
        self.open = open
        self.problem = problem
    }
}
