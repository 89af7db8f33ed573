import GatehousePlan
@testable import GatehouseSupervisor
import Testing

/// Row E1: a worker's output is hostile input.
struct ReportReaderTests {
    static let line = Array(#"{"loading":{"path":"/a.so"}}"#.utf8) + [10]

    @Test func `reports cut anywhere are read the same`() throws {
        let bytes = Self.line + Array(#"{"ready":{}}"#.utf8) + [10]
        for cut in 0...bytes.count {
            var reader = ReportReader()
            var reports: [WorkerReport] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                reader.receive(part)
                while let report = try reader.nextReport() { reports.append(report) }
            }
            #expect(reports == [.loading(path: "/a.so"), .ready])
        }
    }

    @Test(arguments: ["\n", "{}\n", "null\n", "{\"ready\":\n", "\u{0}\n", "{\"unknown\":{}}\n"])
    func `a line that is no report is an error`(text: String) {
        var reader = ReportReader()
        reader.receive(Array(text.utf8))
        #expect(throws: ReportReader.Malformed.self) { try reader.nextReport() }
    }

    @Test func `a line without end is refused at its limit`() throws {
        var reader = ReportReader()
        reader.receive([UInt8](repeating: 65, count: ReportReader.longestLine))
        #expect(try reader.nextReport() == nil)
        reader.receive([65])
        #expect(throws: ReportReader.Malformed.self) { try reader.nextReport() }
    }
}
