public import Glibc

/// The clock that nobody sets (CLOCK_MONOTONIC): for durations and deadlines, and the same in all processes of one
/// boot.
public enum MonotonicClock {
    /// Nanoseconds since some moment in the past, as the scoreboard holds them.
    @inlinable
    public static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Microseconds since the same moment.
    public static func microseconds() -> Int { Int(nanoseconds() / 1_000) }

    /// Milliseconds since the same moment.
    public static func milliseconds() -> Int { Int(nanoseconds() / 1_000_000) }

    /// Seconds since the same moment, with their fraction.
    public static func seconds() -> Double { Double(nanoseconds()) / 1e9 }
}
