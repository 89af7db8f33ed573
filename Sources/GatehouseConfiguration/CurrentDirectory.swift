internal import Glibc

/// The directory that relative paths start from.
public enum CurrentDirectory {
    /// `.` if it has been removed.
    public static var path: String {
        guard let bytes = getcwd(nil, 0) else { return "." }
        defer { free(bytes) }
        return String(cString: bytes)
    }
}
