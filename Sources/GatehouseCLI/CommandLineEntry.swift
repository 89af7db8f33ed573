internal import ArgumentParser
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Runs the command that the arguments name, and turns each of its ends into a message and an exit status.
enum CommandLineEntry {
    static func run() -> Never {
        // Not ArgumentParser's own version flag: that one would take away `gatehouse build --version 1.2`.
        let arguments = ProcessArguments.all.dropFirst()
        if arguments == ["--version"] {
            print(GatehouseVersion.line(program: "gatehouse"))
            exit(0)
        }
        do {
            var command = try GatehouseCommand.parseAsRoot(Array(arguments))
            try command.run()
            exit(0)
        } catch let failure as CommandFailure {
            failure.messages.forEach(failure.isPlaced ? Console.sayPlaced : Console.say)
            exit(failure.status.rawValue)
        } catch let error as OperatorError {
            Console.say(error.message)
            exit(error.exitStatus.rawValue)
        } catch {
            // Help, or wrong arguments: status 0 or 64 (EX_USAGE).
            GatehouseCommand.exit(withError: error)
        }
    }
}
