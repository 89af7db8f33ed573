internal import Glibc

/// The text of the last failed system call in this thread.
func lastSystemError() -> String {
    String(cString: strerror(errno))
}

/// Octal, as `ls` and `chmod` write a mode: `0775`.
func octal(_ mode: mode_t) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
