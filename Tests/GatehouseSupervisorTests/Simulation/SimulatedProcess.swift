/// A process as the operating system sees it, which can differ from the supervisor's belief.
struct SimulatedProcess {
    let number: Int
    let generation: Int
    let isProgram: Bool
    var behaviour: Behaviour
    var isReady = false
    var isAccepting = false
    var isLeaving = false
    /// It hears no orders, and lives on.
    var hasClosedControlChannel = false
    /// It has ended; nobody has asked yet how.
    var isOver = false

    /// Whether requests find it. A program has its socket from the start.
    var isServing: Bool { !isOver && !isLeaving && !hasClosedControlChannel && (isAccepting || isProgram) }
}
