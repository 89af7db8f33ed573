@testable import GatehouseSupervisor
import Glibc
import TestSupport

/// The life of a simulated worker.
struct Behaviour {
    enum Flaw: CaseIterable {
        case hangs, crashes, exits, leaves, sendsMalformedReport, closesControlChannel, fails, failsAndStays,
            drainsItself, drainsItselfAndStays
    }

    /// Milliseconds until it is ready, and the faults that can come first.
    var loads = 50
    var flawAtStart: Flaw?
    /// A flaw that shows this long after it was told to accept.
    var flawLater: (flaw: Flaw, after: Int)?
    var answersProbes = true
    var answersTraces = true
    /// The time that it takes to finish; `nil`: it does not.
    var drains: Int? = 100
    var ends: Int? = 5

    /// One that does as it should.
    static func good(_ random: inout SeededGenerator) -> Behaviour {
        Behaviour(loads: random.within(1...300), drains: random.within(0...400))
    }

    /// One that may do anything.
    static func wild(_ random: inout SeededGenerator) -> Behaviour {
        var behaviour = good(&random)
        if random.percent(15) { behaviour.flawAtStart = Flaw.allCases.randomElement(using: &random) }
        if random.percent(30), let flaw = Flaw.allCases.randomElement(using: &random) {
            behaviour.flawLater = (flaw, random.within(0...4_000))
        }
        behaviour.answersTraces = random.percent(50)
        if random.percent(20) { behaviour.drains = nil }
        if random.percent(10) { behaviour.ends = nil }
        return behaviour
    }

    /// One that never gets ready.
    static func bad(_ random: inout SeededGenerator, isProgram: Bool) -> Behaviour {
        var behaviour = good(&random)
        let flaws: [Flaw] =
            isProgram
            ? [.hangs, .crashes, .exits, .leaves]
            : [.hangs, .crashes, .exits, .leaves, .sendsMalformedReport, .closesControlChannel, .fails, .failsAndStays]
        behaviour.flawAtStart = flaws.randomElement(using: &random)
        return behaviour
    }
}
