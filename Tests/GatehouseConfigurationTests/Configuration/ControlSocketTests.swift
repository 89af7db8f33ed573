import GatehouseConfiguration
import Glibc
import TestSupport
import Testing

/// The control socket of a configuration, for commands that need nothing else of it.
struct ControlSocketTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func controlSocket(_ text: String) throws -> String? {
        try Configuration.controlSocket(ofFile: folder.write(Array(text.utf8), to: "g.yaml"))
    }

    @Test func `the rest of the file may be wrong`() throws {
        #expect(try controlSocket("control: /run/x.sock\npoools: [\"${NO_SUCH_VARIABLE_HERE}\"]\n") == "/run/x.sock")
        #expect(try controlSocket("control: x.sock\n") == folder.path + "/x.sock")
        #expect(try controlSocket("control: off\n") == nil)
        #expect(try controlSocket("pools: {}\n") == "/run/gatehouse/control.sock")
    }

    @Test func `what it says of the socket must be right`() throws {
        let error = try #require(throws: ConfigurationError.self) { try controlSocket("pools: 1\ncontrol: [a]\n") }
        #expect(error.problems.map(\.line) == [2])
        #expect(throws: ConfigurationError.self) { try controlSocket("control: [\n") }
        let missing = try #require(throws: ConfigurationError.self) {
            try Configuration.controlSocket(ofFile: folder.path + "/none.yaml")
        }
        #expect(missing.isUnreadableFile)
    }
}
