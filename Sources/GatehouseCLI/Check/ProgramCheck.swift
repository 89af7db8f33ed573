internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor
internal import GatehouseSystem
internal import Glibc

/// Finds the reason why the program of a program pool could not be started, as far as that shows without starting it.
struct ProgramCheck {
    let settings: ProcessSettings

    private var user: PoolUser { PoolUser(settings) }

    func problem(_ program: String) -> OperatorError? {
        let file: String
        do throws(OperatorError) {
            file = try ProgramSearch.find(program, for: settings)
        } catch {
            return error
        }
        // Read with the rights of the user who runs the check, who may be allowed more than the pool's user; the pool's
        // user is checked separately below.
        let line = Self.firstLine(of: file)
        return user.act {
            if let problem = executionProblem(file, "the program \(file)") { return problem }
            guard let line else { return nil }
            guard PoolUser.may(R_OK, file) else {
                return OperatorError(
                    "the program \(file) is a script, and \(user.name) may not read it: \(SystemError.text())",
                    .permission)
            }
            return interpreterProblem(line, of: file)
        }
    }

    private func executionProblem(_ file: String, _ what: String) -> OperatorError? {
        if let obstacle = user.obstacle(to: file) { return OperatorError("\(what): \(obstacle)", .permission) }
        var status = stat()
        guard stat(file, &status) == 0 else { return OperatorError("\(what): \(SystemError.text())", .noInput) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return OperatorError("\(what) is not a regular file", .noInput)
        }
        guard PoolUser.may(X_OK, file) else {
            return OperatorError("\(what): \(user.name) may not execute it: \(SystemError.text())", .permission)
        }
        return nil
    }

    /// Checks the program that a script's first line names, which executes the script (execve(2), "Interpreter
    /// scripts").
    private func interpreterProblem(_ line: String, of file: String) -> OperatorError? {
        let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let interpreter = words.first else {
            return OperatorError("the program \(file) begins with #! and names no interpreter after it", .noInput)
        }
        let what = "the program \(file) begins with #!\(line.printable(atMost: 200)): "
        // A relative path starts from the directory that the program will have.
        guard interpreter.hasPrefix("/") else { return nil }
        if let problem = executionProblem(interpreter, what + interpreter.printable(atMost: 200)) { return problem }
        guard interpreter.hasSuffix("/env"),
            let word = words.dropFirst().first(where: { !$0.hasPrefix("-") && !$0.contains("=") })
        else { return nil }
        do throws(OperatorError) {
            return executionProblem(try ProgramSearch.find(word, for: settings), what + word)
        } catch {
            return OperatorError(what + error.message, error.exitStatus)
        }
    }

    /// The text after `#!`; `nil` if the file is no script, or cannot be read. The kernel looks at 256 bytes.
    private static func firstLine(of file: String) -> String? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 2, bytes.starts(with: "#!".utf8) else { return nil }
        return String(decoding: bytes[2..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }, as: UTF8.self)
    }
}

/// Looks at files with the rights of the user whom a pool's processes will have, access control lists included.
///
/// If the pool has no user of its own, or the check is not run by root, it is the user who runs the check.
struct PoolUser {
    private let settings: ProcessSettings

    init(_ settings: ProcessSettings) {
        self.settings = settings
    }

    /// For messages.
    var name: String {
        if let user = settings.user, [0, user.user].contains(geteuid()) { return "user \(user.name)" }
        return "user \(geteuid()), as whom this check runs,"
    }

    /// Calls `body` as that user.
    ///
    /// The identity is the whole process's: only for a command that has one thread.
    func act<Result>(_ body: () -> Result) -> Result {
        guard geteuid() == 0, let group = settings.group ?? settings.user?.group else { return body() }
        var before = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 0)))
        let count = getgroups(Int32(before.count), &before)
        let groupBefore = getegid()
        defer {
            // This cannot fail: the real and the saved user are still root.
            _ = seteuid(0)
            _ = setegid(groupBefore)
            _ = setgroups(Int(max(count, 0)), before)
        }
        let groups = settings.user?.groups ?? [group]
        guard count >= 0, setgroups(groups.count, groups) == 0, setegid(group) == 0 else { return body() }
        if let user = settings.user { _ = seteuid(user.user) }
        return body()
    }

    /// Whether the process's effective user has the rights of `mode` to a file. (access(2) asks for the real user.)
    static func may(_ mode: Int32, _ path: String) -> Bool {
        faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0
    }

    /// The first folder on the way to a file that cannot be entered, as a message; call it within `act`.
    func obstacle(to path: String) -> String? {
        for index in path.indices where path[index] == "/" && index != path.startIndex {
            let folder = String(path[..<index])
            if !Self.may(X_OK, folder), errno == EACCES {
                return "\(name) may not enter the folder \(folder): \(SystemError.text(EACCES))"
            }
        }
        return nil
    }
}
