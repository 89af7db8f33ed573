internal import Glibc

/// Makes a system call, and makes it again for as long as a signal interrupts it (`EINTR`).
///
/// Not for close(2), which has closed the descriptor even if it was interrupted.
/// - Returns: the result of the last call; if it is negative, `errno` says why and is not `EINTR`.
public func retryingOnInterruption<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
