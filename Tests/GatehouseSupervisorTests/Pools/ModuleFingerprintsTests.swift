import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Fingerprints tell builds of a module apart.
struct ModuleFingerprintsTests {
    private static func write(_ bytes: [UInt8], to path: String) throws {
        unlink(path)
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        defer { close(file) }
        try #require(file >= 0 && bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count)
    }

    @Test func `a copy has the same content, and another length or byte has not`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/libA.so"
        let pool = PoolConfiguration(
            name: "web", modules: [ConfiguredModule(ModulePlan(path: path), origin: "")])
        let bytes = (0..<200_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Self.write(bytes, to: path)
        let first = ModuleFingerprints(of: pool)
        let content = try #require(first.content(of: path))
        try Self.write(bytes, to: path)
        #expect(ModuleFingerprints(of: pool).content(of: path) == content)
        for other in [Array(bytes.dropLast()), bytes + [0], bytes.dropLast() + [bytes[200_002] ^ 1]] {
            try Self.write(other, to: path)
            #expect(ModuleFingerprints(of: pool).content(of: path) != content)
            #expect(ModuleFingerprints(of: pool) != first)
        }
        unlink(path)
        #expect(ModuleFingerprints(of: pool).content(of: path) == nil)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["a pipe", "an endless device", "a file larger than the disk"])
    func `nothing that lies in a module's place holds the supervisor up`(_ what: String) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/libA.so"
        let pool = PoolConfiguration(
            name: "web", modules: [ConfiguredModule(ModulePlan(path: path), origin: "")])
        switch what {
        case "a pipe": try #require(mkfifo(path, 0o600) == 0)
        case "an endless device": try #require(symlink("/dev/zero", path) == 0)
        default:
            try Self.write([1], to: path)
            try #require(truncate(path, 1 << 42) == 0)
        }
        #expect(ModuleFingerprints(of: pool).content(of: path) == 0)
    }

    @Test func `a route is the module's with the longest mount`() {
        let modules = ["/", "/blog", "/blog/admin"].map { mount in
            var plan = ModulePlan(path: "/m\(mount)")
            plan.mount = mount
            return ConfiguredModule(plan, origin: "")
        }
        let pool = PoolConfiguration(name: "web", modules: modules)
        for (path, mount) in [
            ("/", "/"), ("/blogs", "/"), ("/blog", "/blog"), ("/blog/x", "/blog"), ("/blog/admin/x", "/blog/admin"),
        ] {
            #expect(pool.module(at: path)?.plan.mount == mount)
        }
    }
}
