import GatehouseSystem
import Glibc

/// The pool's clock: nanoseconds since some moment in the past, a few milliseconds coarse, and cheaper than any other.
enum PoolClock {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

extension Duration {
    /// The duration in milliseconds, rounded up: what is no time at all would mean no limit to many a server.
    package var milliseconds: Int { Int((nanoseconds + 999_999) / 1_000_000) }

    /// `5s`, `1.5s`, `20ms`, for messages.
    package var brief: String {
        let milliseconds = milliseconds
        if milliseconds < 1_000 { return "\(milliseconds)ms" }
        let tenths = (milliseconds + 50) / 100
        return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
    }
}
