internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor
internal import Glibc

/// What would keep a program pool's program from being started, as far as can be said without doing it.
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
        // Read as whoever asks, who may be allowed more: that the pool's user may not read it is a problem of its own.
        let line = Self.firstLine(of: file)
        return user.act {
            if let problem = executionProblem(file, "the program \(file)") { return problem }
            guard let line else { return nil }
            guard PoolUser.may(R_OK, file) else {
                return OperatorError(
                    "the program \(file) is a script, and \(user.name) may not read it: \(Self.systemError())",
                    .permission)
            }
            return interpreterProblem(line, of: file)
        }
    }

    private func executionProblem(_ file: String, _ what: String) -> OperatorError? {
        if let obstacle = user.obstacle(to: file) { return OperatorError("\(what): \(obstacle)", .permission) }
        var status = stat()
        guard stat(file, &status) == 0 else { return OperatorError("\(what): \(Self.systemError())", .noInput) }
        guard status.st_mode & S_IFMT == S_IFREG else { return OperatorError("\(what) is no regular file", .noInput) }
        guard PoolUser.may(X_OK, file) else {
            return OperatorError("\(what): \(user.name) may not execute it: \(Self.systemError())", .permission)
        }
        return nil
    }

    /// A script is executed by what its first line names (execve(2), "Interpreter scripts").
    private func interpreterProblem(_ line: String, of file: String) -> OperatorError? {
        let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let interpreter = words.first else {
            return OperatorError("the program \(file) begins with #! and names no interpreter after it", .noInput)
        }
        let what = "the program \(file) begins with #!\(line.printable(atMost: 200)): "
        // A relative one is looked for in the directory that the program will have.
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

    /// What stands after `#!`; `nil` where the file is no script, or cannot be read. The kernel looks at 256 bytes.
    private static func firstLine(of file: String) -> String? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 2, bytes.starts(with: "#!".utf8) else { return nil }
        return String(decoding: bytes[2..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }, as: UTF8.self)
    }

    private static func systemError() -> String {
        String(cString: strerror(errno))
    }
}
