internal import CGatehouseSystem
internal import Glibc

/// The clocks that the supervisor looks at.
enum Clock {
    /// Milliseconds of a clock that nobody sets.
    static func now() -> Int { nanoseconds() / 1_000_000 }

    /// The same in nanoseconds, as workers write it into their scoreboards.
    static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Seconds since 1970.
    static func secondsSince1970() -> Int { time(nil) }
}
