internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor
internal import Glibc

/// Whether what is to be written can be, as the user who asks: nothing is made or changed.
enum WritablePlace {
    /// Standard output and error are those of `serve`, which this check does not have.
    static func problem(log place: LogPlace) -> OperatorError? {
        if case .file(let path) = place { problem(file: path) } else { nil }
    }

    /// A log file, which is made where it does not exist.
    static func problem(file path: String) -> OperatorError? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return problem(folder: folder(of: path)) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return OperatorError("\(path) is a directory: name a file in it", .inputOutput)
        case S_IFLNK:
            return OperatorError(
                "\(path) is a symbolic link, which is not followed: name the file itself", .inputOutput)
        default:
            return access(path, W_OK) == 0 ? nil : unwritable(path)
        }
    }

    /// A folder in which files are to be made.
    static func problem(folder path: String) -> OperatorError? {
        guard Files.isDirectory(path) else {
            return OperatorError("\(path) is no directory: make it first", .inputOutput)
        }
        return access(path, W_OK | X_OK) == 0 ? nil : unwritable(path)
    }

    private static func unwritable(_ path: String) -> OperatorError {
        let reason = String(cString: strerror(errno))
        return OperatorError(
            "user \(geteuid()), as whom this check runs, cannot write to \(path): \(reason)", .inputOutput)
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}
