/// What recycling remembers of a generation.
struct RecyclingState: Equatable, Sendable {
    /// When a worker was last replaced for its memory that had not served for long.
    var lastHaste: Int?
    /// When programs were last replaced for their age.
    var lastRenewal: Int?
    /// How long the last worker took to become ready, in milliseconds.
    var startTime = 500
    /// Whether the log has said that the limit of memory is too low.
    var hasComplained = false
}
