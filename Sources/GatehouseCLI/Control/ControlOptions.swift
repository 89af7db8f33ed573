internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehouseControl
internal import GatehousePlan

/// The arguments that name a running supervisor, and the way to ask it.
struct ControlOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The supervisor's control socket (default: \(SupervisorSettings.standardControlSocket)).",
            valueName: "socket"),
        completion: .file())
    var control: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The supervisor's configuration, which names that socket.", valueName: "file"),
        completion: .file())
    var config: String?

    func validate() throws {
        if control != nil, config != nil {
            throw ValidationError("--config and --control exclude each other: give only one of them")
        }
    }

    /// Asks, and prints the supervisor's progress on standard error.
    /// - Parameter timeout: seconds; `nil` for a request that takes as long as modules take to load.
    func ask(_ request: ControlRequest, timeout: Int? = 30) throws(CommandFailure) -> ControlAnswer {
        let path = try path()
        do throws(OperatorError) {
            return try ControlConnection(path: path, timeout: timeout).ask(request) { line in
                Console.say(line.printable())
            }
        } catch {
            throw CommandFailure(error.message.printable(), error.exitStatus)
        }
    }

    /// Asks, and prints the answer, which is one line.
    func perform(_ request: ControlRequest, timeout: Int? = 30) throws(CommandFailure) {
        switch try ask(request, timeout: timeout) {
        case .done(let line): print(line.printable())
        case .status: throw Self.unexpected
        }
    }

    static var unexpected: CommandFailure {
        CommandFailure(
            "the supervisor has answered another question: it is of another version than this gatehouse", .inputOutput)
    }

    private func path() throws(CommandFailure) -> String {
        guard let config else { return control ?? SupervisorSettings.standardControlSocket }
        do {
            if let path = try Configuration.controlSocket(ofFile: config) { return path }
        } catch {
            var failure = CommandFailure(
                error.problems.map(\.description), error.isUnreadableFile ? .noInput : .configuration)
            failure.isPlaced = true
            throw failure
        }
        throw CommandFailure(
            "\(config) says \"control: off\": its supervisor cannot be asked anything. Signals still work: SIGHUP "
                + "reloads, SIGTERM stops, SIGUSR1 reopens logs", .configuration)
    }
}

/// The part of the help that is common to all commands that ask a running supervisor.
enum ControlHelp {
    static let exitStatus = """
        Exit status: 0, 64 for wrong arguments, 74 if no supervisor answers, 77 if this user may not ask it.
        """
}
