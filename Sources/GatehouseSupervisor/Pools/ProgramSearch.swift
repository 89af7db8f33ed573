public import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// Where the program of a program pool is.
public enum ProgramSearch {
    /// PATH where the pool's environment has none.
    public static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The program's file. One without a slash is looked for in the PATH that it will have; one with a slash is that
    /// file, whether it can be started is for the operating system to say.
    public static func find(_ program: String, for process: ProcessSettings) throws(SupervisorError) -> String {
        if program.contains("/") { return program }
        let path = process.environment["PATH"] ?? standardPath
        for folder in path.split(separator: ":") {
            let candidate = "\(folder)/\(program)"
            if isRegularFile(candidate), access(candidate, X_OK) == 0 { return candidate }
        }
        throw SupervisorError(
            "there is no program \(program) in \(path): install it, or write its whole path", .noInput)
    }

    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
