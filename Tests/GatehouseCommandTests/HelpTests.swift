import ArgumentParser
import GatehousePlan
import Testing

@testable import GatehouseCLI

struct HelpTests {
    @Test func `--help has every exit status with its meaning`() {
        let help = GatehouseCommand.helpMessage(columns: 200)
        for (status, meaning) in ExitStatus.table {
            #expect(help.contains("\(status.rawValue)  \(meaning)\n"))
        }
    }

    @Test func `every command that operators see is described`() {
        for command in GatehouseCommand.configuration.subcommands where command.configuration.shouldDisplay {
            #expect(command.configuration.abstract.hasSuffix("."), "\(command)")
        }
    }
}
