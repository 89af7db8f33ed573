public import GatehouseConfiguration
public import GatehousePlan
internal import Glibc

/// The search for the program of a program pool.
public enum ProgramSearch {
    /// The PATH of a pool whose environment has none.
    public static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The program's file. A name without a slash is looked for in the PATH that the program will have; a path is taken
    /// as it is: the operating system will say whether it can be started.
    public static func find(_ program: String, for process: ProcessSettings) throws(OperatorError) -> String {
        if program.contains("/") { return program }
        let path = process.environment["PATH"] ?? standardPath
        for folder in path.split(separator: ":") {
            let candidate = "\(folder)/\(program)"
            if isRegularFile(candidate), access(candidate, X_OK) == 0 { return candidate }
        }
        throw OperatorError(
            "there is no program \(program) in \(path): install it, or write its whole path", .noInput)
    }

    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
