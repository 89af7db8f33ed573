import FoundationEssentials
import Gatehouse
import GatehousePlan
@testable import GatehouseWorker
import Testing

/// A worker's report of its databases is one that the supervisor reads, whatever their names are.
struct DatabaseReportTests {
    @Test(arguments: ["a", "/", "\"", "\\", "\u{0}", "é", "😀", "e\u{301}", "\u{10FFFF}"])
    func `many databases with long names are a short line`(piece: String) throws {
        let databases = ModuleDatabases()
        let place = String(repeating: piece, count: 10_000)
        for number in 0..<40 {
            let use = DatabaseUse(module: place, place: "\(number) \(place)", open: 1, idle: 1, limit: 5)
            databases.register(whenDraining: {}) { use }
        }
        let reporter = ModuleReporter([databases]) { _ in }
        let uses = reporter.look()
        #expect(uses.count == DatabaseUse.most)
        #expect(uses.first?.place.hasPrefix("0 ") == true)
        #expect(uses.map(\.bounded) == uses, "the supervisor changes nothing")
        let line = try JSONEncoder().encode(WorkerReport.databases(uses))
        #expect(line.count < 65_536, "the supervisor reads no longer line")
    }
}
