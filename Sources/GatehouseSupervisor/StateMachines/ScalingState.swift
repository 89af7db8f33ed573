/// What scaling remembers from one sample to the next.
struct ScalingState: Equatable, Sendable {
    /// Since when there are more workers without a request than there need be.
    var spareSince: Int?
    /// How many the last sample added; each in a row adds twice as many.
    var lastGrowth = 0
    /// Samples that found every worker busy, and no room for another.
    var timesAtMaximum = 0
    var mostActive = 0
}
