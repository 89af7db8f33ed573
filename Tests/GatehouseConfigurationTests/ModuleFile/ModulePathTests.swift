import GatehouseModuleFile
import GatehousePlan
import Glibc
import TestSupport
import Testing

/// Row E6: nobody but root and the running user can change what is loaded.
struct ModulePathTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func failure(_ path: String) -> OperatorError? {
        do {
            _ = try ModuleFile.open(path: path)
            return nil
        } catch {
            return error
        }
    }

    private func module(_ name: String, mode: mode_t = 0o644) throws -> String {
        try folder.write(ELFBuilder.module.bytes(), to: name, mode: mode)
    }

    @Test func `a module below a sticky directory of root is accepted`() throws {
        let path = try module("a.so")
        #expect(failure(path) == nil)
    }

    @Test(arguments: [0o664, 0o646, 0o777] as [mode_t])
    func `a module that others can write to is refused`(mode: mode_t) throws {
        let path = try module("a.so", mode: mode)
        let error = try #require(failure(path))
        #expect(error.exitStatus == .permission)
        #expect(error.message.contains("chmod go-w \(path)"))
        #expect(error.message.contains("0" + String(mode, radix: 8)))
    }

    @Test func `a module below a folder that others can write to is refused, and the folder is named`() throws {
        _ = folder.makeFolder("open")
        _ = folder.makeFolder("open/inner")
        let path = try module("open/inner/a.so")
        #expect(failure(path) == nil)
        chmod(folder.path + "/open", 0o775)
        let error = try #require(failure(path))
        #expect(error.exitStatus == .permission)
        #expect(error.message.contains("the directory \(folder.path)/open has mode 0775"))
    }

    @Test func `a sticky folder of somebody who is not root does not count as safe`() throws {
        _ = folder.makeFolder("sticky")
        let path = try module("sticky/a.so")
        chmod(folder.path + "/sticky", 0o1777)
        // As root this is a sticky directory of root, like /tmp; for anybody else it is one of somebody's own.
        #expect((failure(path) == nil) == (geteuid() == 0))
        if geteuid() == 0 {
            chown(folder.path + "/sticky", 65_534, 65_534)
            #expect(failure(path)?.exitStatus == .permission)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `a module of another user is refused`() throws {
        let path = try module("a.so")
        chown(path, 65_534, 65_534)
        let error = try #require(failure(path))
        #expect(error.exitStatus == .permission)
        #expect(error.message.contains("belongs to user 65534"))
    }

    @Test func `a link is resolved, and what it leads to is held to the rule`() throws {
        let path = try module("a.so")
        symlink(path, folder.path + "/link.so")
        #expect(try ModuleFile.open(path: folder.path + "/link.so").path == path)
        chmod(path, 0o666)
        #expect(failure(folder.path + "/link.so")?.exitStatus == .permission)
    }

    @Test func `a file that is not a regular one is refused`() throws {
        #expect(failure(folder.makeFolder("dir"))?.exitStatus == .noInput)
        #expect(failure("/")?.exitStatus == .noInput)
        mkfifo(folder.path + "/pipe", 0o600)
        #expect(failure(folder.path + "/pipe")?.exitStatus == .noInput)
        #expect(failure(folder.path + "/none.so")?.exitStatus == .noInput)
        #expect(failure("relative.so")?.exitStatus == .noInput)
        #expect(failure("")?.exitStatus == .noInput)
    }

    @Test func `what was checked is what is loaded, whatever becomes of the file and its name`() throws {
        let path = try module("a.so")
        let whole = try read(path)
        let file = try ModuleFile.open(path: path)
        truncate(path, 0)
        #expect(try read(file.descriptorPath) == whole)
        try folder.write([1, 2, 3], to: "a.so")
        #expect(try read(file.descriptorPath) == whole)
        unlink(path)
        #expect(try read(file.descriptorPath) == whole)
    }

    @Test func `nobody can change a copy`() throws {
        let copy = try ModuleCopy.make(of: module("a.so"), for: geteuid())
        #expect(write(copy.descriptor, "x", 1) < 0 && errno == EPERM)
        #expect(ftruncate(copy.descriptor, 0) < 0 && errno == EPERM)
        #expect(mmap(nil, 1, PROT_READ | PROT_WRITE, MAP_SHARED, copy.descriptor, 0) == MAP_FAILED)
    }

    @Test func `a copy is made for whoever is to run it`() throws {
        let path = try module("a.so")
        chown(path, geteuid() == 0 ? 65_534 : geteuid(), gid_t.max)
        #expect(try ModuleCopy.make(of: path, for: geteuid() == 0 ? 65_534 : geteuid()).path == path)
        guard geteuid() == 0 else { return }
        #expect(throws: OperatorError.self) { try ModuleCopy.make(of: path, for: 65_533) }
    }

    @Test func `a file that is too large is not copied`() throws {
        let path = try module("a.so")
        #expect(throws: OperatorError.self) { try ModuleCopy.make(of: path, for: geteuid(), largest: 10) }
    }

    /// A file of sysfs says that it has a page, and has less: so does one that somebody truncates while it is read.
    @Test func `a file that becomes shorter meanwhile is said to be written`() throws {
        let path = "/sys/kernel/mm/transparent_hugepage/enabled"
        try #require(access(path, R_OK) == 0)
        let error = #expect(throws: OperatorError.self) { try ModuleCopy.make(of: path, for: geteuid()) }
        #expect(error?.message.contains("is being written") == true && error?.exitStatus == .inputOutput)
    }

    private func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        return Array(bytes[..<max(0, Glibc.read(file, &bytes, bytes.count))])
    }
}
