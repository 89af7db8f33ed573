internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The folders of this program and of the files that belong to it, by /proc/self/exe only: no environment variable
/// decides that.
struct Installation {
    /// The folder of the `gatehouse` program.
    let programs: String

    init() throws(CommandFailure) {
        guard let path = realpath("/proc/self/exe", nil) else {
            guard access("/proc/self", F_OK) == 0 else {
                throw CommandFailure(
                    "/proc is not mounted here, and programs and modules are found and watched by it: "
                        + "mount -t proc proc /proc", .internal)
            }
            throw CommandFailure(
                "cannot find the gatehouse program's own folder: /proc/self/exe: \(SystemError.text())", .internal)
        }
        defer { free(path) }
        let program = String(cString: path)
        programs = Paths.folder(of: program)
    }

    /// The path of this program, at which another version may be by now.
    var program: String { programs + "/gatehouse" }

    /// The program that a worker runs.
    func worker() throws(CommandFailure) -> String {
        let path = programs + "/gatehouse-worker"
        guard access(path, X_OK) == 0 else {
            throw CommandFailure(
                "\(path) is missing or cannot be executed; it belongs beside gatehouse: build it with scripts/build",
                .internal)
        }
        return path
    }

    /// The SDK that modules are built against: beside the program after a build, in ../lib/gatehouse in an
    /// installation.
    func sdk() throws(CommandFailure) -> SDK {
        let candidates = [programs, programs + "/../lib/gatehouse"]
        for folder in candidates where access(folder + "/" + SDK.libraryName, R_OK) == 0 {
            return try SDK(folder: folder)
        }
        throw CommandFailure(
            "\(SDK.libraryName) is neither in \(candidates[0]) nor in \(candidates[1]): build it with scripts/build",
            .internal)
    }
}
