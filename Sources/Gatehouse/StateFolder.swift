import GatehouseSystem
import Glibc

/// A module's folder for the files that it keeps, by its path; `nil` if there is none.
struct StateFolder: Sendable {
    var path: String?

    /// The folder, which is made if the supervisor has not done so, as it does for a pool with a user of its own.
    func use(by module: String) throws(StateFolderError) -> String {
        guard let path else {
            throw StateFolderError(
                "\(module) needs a folder for its files, and there is none: name one by \"state\" in the configuration")
        }
        makeMissing(path)
        guard access(path, W_OK | X_OK) == 0 else { throw Self.inaccessible(path, module) }
        return path
    }

    /// Makes the folder with those above it. If it fails, the check that follows finds the reason.
    private func makeMissing(_ path: String, mode: mode_t = 0o700) {
        guard mkdir(path, mode) != 0, errno == ENOENT, path != "/" else { return }
        // Other pools' users may have to enter those above.
        makeMissing(Paths.folder(of: path), mode: 0o711)
        mkdir(path, mode)
    }

    private static func inaccessible(_ path: String, _ module: String) -> StateFolderError {
        let reason = SystemError.text()
        for index in path.indices where path[index] == "/" && index != path.startIndex {
            let folder = String(path[..<index])
            if access(folder, X_OK) != 0, errno == EACCES {
                return StateFolderError(
                    "the folder \(path) for the files of \(module): user \(geteuid()) may not enter \(folder): "
                        + "allow it (chmod a+x \(folder))")
            }
        }
        var status = stat()
        let owner = stat(path, &status) == 0 ? "it belongs to user \(status.st_uid), not to \(geteuid()): " : ""
        return StateFolderError(
            "the folder \(path) for the files of \(module): \(reason): \(owner)"
                + "change its owner, or name another place for the files in the module's settings")
    }
}

/// An error of ``ModuleContext/stateFolder``: the module has no folder for its files, or may not use it.
public struct StateFolderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The fault, and its remedy.
    public var description: String

    init(_ description: String) { self.description = description }
}
