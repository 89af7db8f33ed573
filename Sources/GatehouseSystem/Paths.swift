internal import Glibc

/// Paths of files, as texts: nothing here looks at the file.
public enum Paths {
    /// The directory that relative paths start from; `.` if it has been removed.
    public static var currentDirectory: String {
        guard let bytes = getcwd(nil, 0) else { return "." }
        defer { free(bytes) }
        return String(cString: bytes)
    }

    /// The path itself if it begins with a slash, otherwise with the current directory in front.
    public static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : currentDirectory + "/" + path
    }

    /// The folder that a file lies in: `/run` for `/run/a.sock`, `/` for `/a`, and `.` for a name without a slash.
    public static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
