internal import CGatehouseSystem
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Runs programs to their end. Their output is this process's own, unless the caller wants it.
enum Subprocess {
    /// - Parameter variables: what is added to this process's environment, as `NAME=VALUE`.
    /// - Returns: the exit status; if a signal ended the program, 128 and the signal's number, as in a shell.
    static func run(
        _ program: String, _ arguments: [String], with variables: [String] = []
    ) throws(CommandFailure) -> Int32 {
        // env(1) replaces a variable that is already there.
        variables.isEmpty
            ? try start(program, arguments, output: nil)
            : try start("/usr/bin/env", variables + [program] + arguments, output: nil)
    }

    /// The standard output of a program that must succeed.
    static func output(_ program: String, _ arguments: [String]) throws(CommandFailure) -> String {
        // Read only after the program has ended: a pipe, which has a limited size, could make it wait for ever.
        guard let file = try? MemoryFile.make("output", holding: []) else { throw failure(program, errno) }
        defer { close(file) }
        let status = try start(program, arguments, output: file)
        lseek(file, 0, SEEK_SET)
        guard status == 0, let text = try? Descriptor.readAll(file) else {
            throw CommandFailure(
                "\(program) \(arguments.joined(separator: " ")) failed with status \(status)", .internal)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The path of a program in PATH.
    static func find(_ name: String) -> String? {
        guard let path = ProcessEnvironment.value(of: "PATH") else { return nil }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    private static func start(
        _ program: String, _ arguments: [String], output: Int32?
    ) throws(CommandFailure) -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        defer { words.forEach { free($0) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        if let output { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, program, &actions, nil, words, gatehouse_environment())
        guard error == 0 else { throw failure(program, error) }
        var status: Int32 = 0
        guard retryingOnInterruption({ waitpid(pid, &status, 0) }) >= 0 else { throw failure(program, errno) }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private static func failure(_ program: String, _ error: Int32) -> CommandFailure {
        CommandFailure("cannot run \(program): \(SystemError.text(error))", .internal)
    }
}
