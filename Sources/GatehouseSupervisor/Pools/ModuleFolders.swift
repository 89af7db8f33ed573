import GatehouseConfiguration
internal import GatehouseSystem
internal import Glibc

/// The folders in which modules keep their files: `modules/NAME` in the state folder, each its pool's user's alone.
///
/// Workers of another user than the supervisor's cannot make them. A folder that is there already is left as it is, and
/// one that cannot be made is left out: a module that needs its folder and may not write there says so itself, and the
/// others do not care.
struct ModuleFolders {
    /// Absolute, without the name of a module.
    let path: String

    init(state: String) { path = state + "/modules" }

    /// Makes the folders that are missing.
    /// - Parameters:
    ///   - modules: names of modules, as their stamps have them: not asked for if there is nothing to make.
    ///   - settings: those of the pool, whose user the folders belong to.
    func make(for modules: @autoclosure () -> [String], _ settings: ProcessSettings) {
        guard let user = settings.user?.user, user != geteuid() else { return }
        let modules = modules()
        guard !modules.isEmpty, let folder = openOwn() else { return }
        defer { close(folder) }
        for module in modules where mkdirat(folder, module, 0o700) == 0 {
            // Nobody else can write to the folder above, so this is what was made.
            fchownat(folder, module, user, settings.group ?? settings.user?.group ?? getegid(), AT_SYMLINK_NOFOLLOW)
        }
    }

    /// Opens the folder of all, which every pool's user may enter; `nil` if somebody else could change what is in it.
    private func openOwn() -> Int32? {
        let isNew = mkdir(path, 0o711) == 0
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        // The process's umask may have taken bits away.
        if isNew { fchmod(folder, 0o711) }
        var status = stat()
        guard fstat(folder, &status) == 0, status.st_uid == geteuid(), status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            close(folder)
            return nil
        }
        return folder
    }
}
