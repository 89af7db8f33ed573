import FoundationEssentials
import TestSupport
import Testing

@testable import GatehouseDatabase

struct MigrationFolderTests {
    @Test func `files are steps in the order of their numbers, with a file for each dialect`() throws {
        let folder = try TemporaryFolder()
        for name in ["10_ten.sql", "2_two.sqlite.sql", "2_two.sql", "1_one.mysql.sql", "README.md", ".1_x.sql"] {
            try Data("SELECT 1;".utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
        }
        #expect(try [Migration].files(in: folder.path).map(\.name) == ["1_one", "2_two", "10_ten"])
    }

    @Test func `a folder that is missing, a name without a number and a number that is taken are errors`() throws {
        let folder = try TemporaryFolder()
        #expect(throws: MigrationError.self) { try [Migration].files(in: folder.path + "/none") }
        for (file, words) in [
            ("notes.sql", "begins with its number"), ("1_a.oracle.sql", "none of postgresql, mysql, sqlite"),
        ] {
            let error = #expect(throws: MigrationError.self) { try MigrationFolder.parse(file, in: "m") }
            #expect(error?.description.contains(words) == true)
        }
        for name in ["1_a.sql", "001_b.sql"] {
            try Data().write(to: URL(filePath: "\(folder.path)/\(name)"))
        }
        let error = #expect(throws: MigrationError.self) { try [Migration].files(in: folder.path) }
        #expect(error?.description.contains("the same number") == true)
    }

    @Test func `a first line takes a file out of transactions`() {
        #expect(MigrationFile(path: "a", text: "-- gatehouse: no transaction\nSELECT 1").isTransactional == false)
        #expect(MigrationFile(path: "a", text: "--  Gatehouse:  no transaction\r\nSELECT 1").isTransactional == false)
        #expect(MigrationFile(path: "a", text: "SELECT 1 -- gatehouse: no transaction").isTransactional)
    }

    @Test func `comments, blank lines and line ends do not change a checksum, and any statement does`() throws {
        func checksum(_ text: String) throws -> String {
            let migration = Migration(name: "a", work: .files([nil: MigrationFile(path: "a", text: text)]))
            return try PlannedMigration(migration, of: "Test", for: .postgreSQL, entry: nil).checksum
        }
        let one = try checksum("SELECT 1;\nSELECT 2;")
        #expect(try checksum("-- why\r\nSELECT 1;\r\n\r\nSELECT 2") == one)
        #expect(try checksum("SELECT 1; SELECT 3") != one)
        #expect(try checksum("SELECT 1SELECT 2") != one)
    }

    @Test(arguments: ["BEGIN", "commit", "ROLLBACK", "START TRANSACTION"])
    func `a file does not handle its transaction itself`(verb: String) {
        let file = MigrationFile(path: "1_a.sql", text: "SELECT 1;\n\(verb);")
        let migration = Migration(name: "1_a", work: .files([nil: file]))
        let error = #expect(throws: MigrationError.self) {
            try PlannedMigration(migration, of: "Test", for: .postgreSQL, entry: nil)
        }
        #expect(error?.description.hasPrefix("1_a.sql:2: ") == true)
    }
}
