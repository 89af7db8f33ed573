import GatehouseConfiguration
import GatehousePlan
import TestSupport
import Testing

/// Tables of the operators' documents that repeat a table of the code.
struct DocumentTests {
    @Test func `CONFIGURATION.md has the table of limits`() throws {
        let rows = try Document("CONFIGURATION.md").table(after: "### limits")
        #expect(rows.map { $0[0] } == Limit.allCases.map { "`\($0.rawValue)`" })
        for (row, limit) in zip(rows, Limit.allCases) {
            let definition = limit.definition
            try #require(row.count == 4)
            #expect(Array(row[2...]) == [definition.rangeText, definition.meaning])
            // The default as an operator would write it, in its unit.
            let written = row[1].split(separator: "`").joined()
            let limits = try WholeConfigurationTests.web("limits: { \(limit.rawValue): \(written) }").limits
            #expect(limits[limit] == definition.standard, "\(limit.rawValue): \(written)")
        }
    }

    @Test func `CONFIGURATION.md has every variable of an access log, and no other`() throws {
        let rows = try Document("CONFIGURATION.md").table(headed: "| variable | |")
        let written = rows.flatMap { row in row[0].split(separator: ", ").map { String($0.filter { $0 != "`" }) } }
        let known = AccessLogVariable.allCases.map { "$" + $0.rawValue } + ["$http_NAME"]
        #expect(written.sorted() == known.sorted())
    }

    @Test func `CONFIGURATION.md has every named format of an access log, and no other`() throws {
        let rows = try Document("CONFIGURATION.md").table(headed: "| format | a line |")
        let quoted = rows.flatMap { row in row[0].split(separator: "`").map(String.init) }
        #expect(quoted.filter { !$0.hasPrefix(",") }.sorted() == AccessLogFormat.names.sorted())
    }

    @Test func `SIGNALS.md has the table of exit statuses`() throws {
        let rows = try Document("SIGNALS.md").table(headed: "| status | meaning |")
        #expect(rows == ExitStatus.table.map { ["\($0.status.rawValue)", $0.meaning] })
    }

    @Test(arguments: Endpoint.Scheme.allCases)
    func `CONFIGURATION.md has the default of socket-passing for each protocol`(scheme: Endpoint.Scheme) throws {
        let rows = try Document("CONFIGURATION.md").table(headed: "| protocol | default of `socket-passing` |")
        let standard = ProgramSettings.SocketPassing.standard(for: scheme).rawValue
        #expect(rows.contains([scheme.rawValue, "`\(standard)`"]))
    }
}
