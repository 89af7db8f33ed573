internal import CGatehouseSystem
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Finds a module's file and makes sure that only root and the user who is to run it can change what is loaded from it.
///
/// The path is resolved once. The resolved path is then walked from the root, each component opened relative to the one
/// before it and without following links, so that the file that was checked is the one that is opened, even if names
/// change meanwhile.
///
/// The rule, for the file and every directory above it: owned by root or that user, and not writable by group or
/// others. One exception: a directory such as `/tmp`, writable by all but owned by root and sticky, is accepted,
/// because in it only the owner of an entry can replace the entry, and the entry is itself held to the rule.
enum ModulePath {
    /// Opens the module read-only, for a user who is going to run it. The caller closes the descriptor.
    static func open(_ path: String, for user: UInt32) throws(OperatorError) -> (
        descriptor: Int32, resolvedPath: String
    ) {
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw OperatorError("module \(path): the path must be absolute", .noInput)
        }
        guard let resolvedBytes = realpath(path, nil) else {
            let error = SystemError("realpath")
            throw OperatorError("module \(path): \(error.reason)", error.code == EACCES ? .permission : .noInput)
        }
        defer { free(resolvedBytes) }
        let resolved = String(cString: resolvedBytes)
        return (try walk(resolved, for: user), resolved)
    }

    private static func walk(_ resolved: String, for user: UInt32) throws(OperatorError) -> Int32 {
        let components = resolved.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        guard let name = components.last else {
            throw OperatorError("module /: this is a directory", .noInput)
        }
        var directory = gatehouse_open_directory(-1, "/")
        guard directory >= 0 else { throw OperatorError("module \(resolved): /: \(SystemError.text())", .permission) }
        defer { close(directory) }
        var reached = "/"
        try checkTrust(directory, path: reached, module: resolved, user: user)
        for component in components.dropLast() {
            reached += (reached == "/" ? "" : "/") + component
            let next = gatehouse_open_directory(directory, component)
            guard next >= 0 else {
                throw OperatorError("module \(resolved): \(reached): \(SystemError.text())", .permission)
            }
            close(directory)
            directory = next
            try checkTrust(directory, path: reached, module: resolved, user: user)
        }
        return try openFile(name, in: directory, resolved: resolved, user: user)
    }

    private static func openFile(
        _ name: String, in directory: Int32, resolved: String, user: UInt32
    ) throws(OperatorError) -> Int32 {
        // Not blocking: opening a named pipe for reading would otherwise wait for its writer.
        let descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let error = SystemError("open")
            throw OperatorError("module \(resolved): \(error.reason)", error.code == ENOENT ? .noInput : .permission)
        }
        do {
            try checkTrust(descriptor, path: resolved, module: resolved, user: user, mustBeRegularFile: true)
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func checkTrust(
        _ descriptor: Int32, path: String, module: String, user: UInt32, mustBeRegularFile: Bool = false
    ) throws(OperatorError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw OperatorError("module \(module): \(path): \(SystemError.text())", .permission)
        }
        if mustBeRegularFile, status.st_mode & S_IFMT != S_IFREG {
            throw OperatorError("module \(module): this is not a regular file", .noInput)
        }
        let what = mustBeRegularFile ? "the file" : "the directory \(path)"
        guard status.st_uid == 0 || status.st_uid == user else {
            throw OperatorError(
                "module \(module): \(what) belongs to user \(status.st_uid), who could replace the module; "
                    + "it must belong to root or to user \(user): chown \(user) \(path)", .permission)
        }
        let writableByOthers = status.st_mode & (S_IWGRP | S_IWOTH)
        let isRootsStickyDirectory = status.st_mode & S_ISVTX != 0 && status.st_uid == 0 && !mustBeRegularFile
        guard writableByOthers == 0 || isRootsStickyDirectory else {
            throw OperatorError(
                "module \(module): \(what) has mode \(octal(status.st_mode)) and others than its owner can change it: "
                    + "chmod go-w \(path)", .permission)
        }
    }

    /// Octal, as `ls` and `chmod` write a mode: `0775`.
    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode & 0o7777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
