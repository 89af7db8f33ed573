internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehousePlan

/// `gatehouse check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a configuration and its modules, without running anything.",
        discussion: """
            Looked at are the whole configuration, the addresses of sockets, and what lies on this machine: modules \
            (the file, the folders above it, its stamp; nothing of it is loaded), programs, directories, and whether \
            logs and crash reports can be written by the user who runs this check. Nothing is made or changed.

            Prints "ok: ..." and a line for each pool, with who may connect to its sockets and a warning if that is \
            root alone, or what is wrong, with file, line and column where they are \
            known. Exits 0, or 78, or with the status that "gatehouse serve" would use where only one thing is wrong.

              gatehouse check --config /etc/gatehouse/gatehouse.yaml
              gatehouse check --module libHello.so --listen fastcgi:/tmp/hello.sock
            """)

    @OptionGroup var options: PoolOptions

    func run() throws {
        let configuration: Configuration
        do {
            configuration = try options.configuration()
        } catch {
            // The modules that could be read are looked at all the same: everything is said at once.
            let others = try ConfigurationCheck.moduleFindings(error.modules)
            var failure = error
            failure.messages += others.map(\.message)
            throw failure
        }
        let findings = try ConfigurationCheck(configuration: configuration).findings()
        guard findings.isEmpty else {
            var failure = CommandFailure(
                findings.map(\.message), findings.count == 1 ? findings[0].status : .configuration)
            failure.isPlaced = true
            throw failure
        }
        for line in ConfigurationSummary(configuration: configuration).lines { print(line) }
    }
}
