import DatabaseTestSupport
import FoundationEssentials
@testable import GatehouseDatabase
import Glibc
import Testing
import TestSupport

/// The file: its place, its mode, and what is said if it cannot be used.
struct SQLiteFileTests {
    @Test(arguments: [
        ("sqlite:", "/state/data.sqlite"), ("sqlite:notes.db", "/state/notes.db"), ("sqlite:a/b?c", "/state/a/b?c"),
        ("sqlite:/var/lib/x", "/var/lib/x"), ("sqlite:///var/lib/x", "/var/lib/x"),
    ])
    func `a URL names a file`(_ url: String, _ path: String) throws {
        #expect(try SQLiteLocation(url: url) { () throws(DatabaseError) in "/state" } == .file(path))
    }

    @Test(arguments: ["sqlite://host/x", "sqlite:x/", "sqlite:a\0b", "file:x"])
    func `a URL that names none is refused`(_ url: String) {
        #expect(throws: DatabaseError.self) { try SQLiteLocation(url: url) { () throws(DatabaseError) in "/state" } }
    }

    @Test func `the file, its log and its index are their owner's alone`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        for suffix in ["", "-wal", "-shm"] {
            var status = stat()
            #expect(stat(fixture.path + suffix, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600, "\(suffix)")
        }
    }

    @Test func `a file that exists keeps its content and its mode`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        chmod(fixture.path, 0o640)
        let other = try SQLiteFixture("sqlite:\(fixture.path)")
        #expect(try await other.count() == 0)
        var status = stat()
        #expect(stat(fixture.path, &status) == 0 && status.st_mode & 0o777 == 0o640)
    }

    @Test func `a folder that is missing is named`() async throws {
        let error = await (try SQLiteFixture("sqlite:no/where.sqlite")).failure("SELECT 1")
        #expect(error?.kind == .connectionLost(sent: false))
        #expect(error?.message.contains("no/where.sqlite cannot be opened") == true)
        #expect(error?.message.contains("No such file") == true)
    }

    @Test func `a file that is no database is left alone`() async throws {
        let folder = try TemporaryFolder()
        let text = Array(String(repeating: "This is a letter. ", count: 100).utf8)
        let path = try folder.write(text, to: "letter.txt")
        let error = await (try SQLiteFixture("sqlite:\(path)")).failure("CREATE TABLE t (a)")
        #expect(error?.message.contains("is no SQLite database") == true)
        #expect(try Array(Data(contentsOf: URL(filePath: path))) == text)
    }

    @Test func `a damaged file is named, behaviour 25`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        for index in 0..<200 {
            try await fixture.execute(
                "INSERT INTO note VALUES (\(index), \("\(index) " + String(repeating: "x", count: 100)))")
        }
        await fixture.source.shutDown()
        let descriptor = open(fixture.path, O_WRONLY)
        let noise = [UInt8](repeating: 0x5A, count: 8_192)
        #expect(pwrite(descriptor, noise, noise.count, 4_096) == noise.count)
        close(descriptor)
        let other = try SQLiteFixture("sqlite:\(fixture.path)")
        let error = await other.failure("SELECT count(title) FROM note")
        #expect(error?.message.contains("is damaged") == true)
        #expect(error?.message.contains(fixture.path) == true)
    }

    @Test func `a file that was replaced is opened anew`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        for suffix in ["", "-wal", "-shm"] { unlink(fixture.path + suffix) }
        try await fixture.execute("CREATE TABLE note (id INTEGER)")
        #expect(try await SQLiteObserver.shared.query("SELECT count(*) FROM note", in: fixture.path) == [["0"]])
    }

    @Test(.enabled(if: getuid() == 0, "a mount needs root"))
    func `a full disk is an error that names it, and nothing of the statement is kept`() async throws {
        let folder = try TemporaryFolder()
        let disk = folder.makeFolder("disk")
        try #require(mount("none", disk, "tmpfs", 0, "size=512k") == 0)
        defer { umount2(disk, Int32(MNT_DETACH)) }
        let fixture = try await SQLiteFixture("sqlite:\(disk)/data.sqlite").withNotes()
        var error: DatabaseError?
        var kept = 0
        for index in 0..<2_000 {
            error = await fixture.failure(
                "INSERT INTO note VALUES (\(index), \("\(index)" + String(repeating: "x", count: 2_000)))")
            if error != nil { break }
            kept += 1
        }
        #expect(error?.message.contains("is full") == true)
        #expect(kept > 0)
        #expect(try await fixture.count() == kept)
        await fixture.source.shutDown()
    }

    @Test func `the database in memory asks for no file`() async throws {
        let fixture = try SQLiteFixture("sqlite::memory:")
        try await fixture.execute("CREATE TABLE t (a)")
        #expect(access(fixture.path, F_OK) != 0)
    }
}
