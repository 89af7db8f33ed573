internal import GatehouseSystem
public import Glibc

/// Starts a program whose standard output is a socket.
/// - Parameters:
///   - words: its name, looked for in the folders of PATH, and its arguments.
///   - environment: all of it.
///   - input: the descriptor that becomes its standard input; `nil` for that socket, which goes both ways.
/// - Returns: the program's process, and our end of the socket.
public func spawn(_ words: [String], environment: [String: String], input: Int32?) throws -> (
    process: pid_t, socket: Int32
) {
    // Not a pipe: only a socket can be closed-on-exec from the start, and tests that run beside this one spawn too.
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
        throw SystemError("socketpair")
    }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input ?? ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    let arguments = words.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var process = pid_t()
    let outcome = posix_spawnp(&process, words[0], &actions, nil, arguments, variables)
    guard outcome == 0 else {
        close(ends[0])
        throw SystemError("cannot start \(words[0])", outcome)
    }
    return (process, ends[0])
}
