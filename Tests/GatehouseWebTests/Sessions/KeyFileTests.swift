import Gatehouse
import GatehouseTesting
@testable import GatehouseWeb
import Glibc
import TestSupport
import Testing

struct KeyFileTests {
    @Test func `whoever comes first makes the secret, and all have the same`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/session-keys"
        let all = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { try KeyFile(path: path).secrets() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(all).count == 1)
        #expect(all[0].count == 1 && all[0][0].count == 64)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        // No draft is left.
        #expect(opendirNames(folder.path) == ["session-keys"])
    }

    @Test func `an operator puts a new secret before the old one`() throws {
        let folder = try TemporaryFolder()
        let secrets = [String(repeating: "b", count: 40), String(repeating: "a", count: 40)]
        let path = try folder.write(
            Array((secrets.joined(separator: "\n") + "\n\n").utf8), to: "session-keys", mode: 0o600)
        #expect(try KeyFile(path: path).secrets() == secrets)
    }

    @Test func `a file that others can read is no secret`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array(String(repeating: "a", count: 40).utf8), to: "session-keys", mode: 0o640)
        let error = #expect(throws: KeyRingError.self) { try KeyFile(path: path).secrets() }
        #expect(error?.description.contains("chmod 600") == true)
        #expect(error?.description.contains("aaaa") == false)
    }

    @Test func `no link, folder or pipe is taken for the file`() throws {
        let folder = try TemporaryFolder()
        let target = try folder.write(Array(String(repeating: "a", count: 40).utf8), to: "target", mode: 0o600)
        symlink(target, folder.path + "/link")
        mkfifo(folder.path + "/pipe", 0o600)
        for path in ["/link", "/pipe", "/"].map({ folder.path + $0 }) {
            #expect(throws: KeyRingError.self, "\(path)") { try KeyFile(path: path).secrets() }
        }
        #expect(throws: KeyRingError.self) { try KeyFile(path: folder.path + "/no/folder").secrets() }
    }

    private func opendirNames(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
