/// The pace at which crashing workers are replaced: two at once, then ever more slowly, and never more than twenty in a
/// minute, so that a crash loop fills neither the processors nor the disk.
struct RespawnLimit: Equatable, Sendable {
    static let window = 60_000
    static let most = 20
    /// The time without a fault after which missing workers come back at once.
    static let calm = 10_000
    private static let free = 2
    private static let firstDelay = 250
    private static let longestDelay = 8_000

    private var faults: [Int] = []
    /// Starts since the first of those faults.
    private var starts: [Int] = []
    private var notBefore = Int.min

    /// A worker has ended by a fault of its own.
    mutating func faultHappened(now: Int) {
        forget(now)
        faults.append(now)
        notBefore = max(notBefore, now + delay)
    }

    /// Starts no worker before then, if there has been a fault.
    mutating func holdBack(until time: Int) { notBefore = max(notBefore, time) }

    /// The time at which the next worker may be started; not after `now` means now.
    mutating func nextStart(now: Int) -> Int {
        forget(now)
        guard let last = faults.last else { return now }
        let paced = now - last > Self.calm ? now : notBefore
        let capped = starts.count >= Self.most ? starts[starts.count - Self.most] + Self.window : now
        return max(paced, capped)
    }

    mutating func started(now: Int) {
        guard !faults.isEmpty else { return }
        starts.append(now)
        notBefore = max(notBefore, now + delay)
    }

    /// Whether crashed workers are not replaced at once.
    var isHoldingBack: Bool { faults.count > Self.free }

    private var delay: Int {
        let further = faults.count - Self.free
        guard further > 0 else { return 0 }
        return min(Self.longestDelay, Self.firstDelay << min(further - 1, 10))
    }

    private mutating func forget(_ now: Int) {
        faults.removeAll { now - $0 >= Self.window }
        starts.removeAll { now - $0 >= Self.window }
        if faults.isEmpty {
            starts = []
            notBefore = .min
        }
    }
}
