internal import ArgumentParser
internal import CGatehouseSystem
internal import GatehousePlan
internal import Glibc

/// Runs the command that the arguments name, and turns every way it can end into a message and an exit status.
enum CommandLineEntry {
    /// What the program was started with, its own name included.
    static let arguments = (0..<Int(gatehouse_argument_count())).compactMap { index in
        gatehouse_argument_words()[index].map { String(cString: $0) }
    }

    static func run() -> Never {
        // Not ArgumentParser's own version flag: that one would take away `gatehouse build --version 1.2`.
        if arguments.dropFirst() == ["--version"] {
            print(GatehouseVersion.line(program: "gatehouse"))
            exit(0)
        }
        do {
            var command = try GatehouseCommand.parseAsRoot(Array(arguments.dropFirst()))
            try command.run()
            exit(0)
        } catch let failure as CommandFailure {
            failure.messages.forEach(failure.isPlaced ? Console.sayPlaced : Console.say)
            exit(failure.status.rawValue)
        } catch {
            // Help, and what is wrong with the arguments: status 0 or 64 (EX_USAGE).
            GatehouseCommand.exit(withError: error)
        }
    }
}
