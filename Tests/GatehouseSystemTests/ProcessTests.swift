import GatehouseSystem
import Glibc
import Testing

struct ProcessTests {
    @Test func `the soft limit of descriptors becomes the hard one`() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #expect(getrlimit(resource, &limit) == 0)
        let hard = limit.rlim_max
        limit.rlim_cur = min(hard, 512)
        #expect(setrlimit(resource, &limit) == 0)
        DescriptorLimit.raise()
        #expect(getrlimit(resource, &limit) == 0)
        #expect(limit.rlim_cur == hard && limit.rlim_max == hard)
    }

    @Test func `the program's own name is the first argument`() {
        #expect(ProcessArguments.all.first == CommandLine.arguments.first)
        #expect(ProcessArguments.all.count == CommandLine.arguments.count)
    }

    @Test func `variables that are taken are gone`() {
        setenv("GATEHOUSE_TEST_TAKEN", "a=b", 1)
        #expect(ProcessEnvironment.value(of: "GATEHOUSE_TEST_TAKEN") == "a=b")
        #expect(ProcessEnvironment.all["GATEHOUSE_TEST_TAKEN"] == "a=b")
        #expect(
            ProcessEnvironment.take(["GATEHOUSE_TEST_TAKEN", "GATEHOUSE_TEST_UNSET"]) == ["GATEHOUSE_TEST_TAKEN": "a=b"]
        )
        #expect(ProcessEnvironment.value(of: "GATEHOUSE_TEST_TAKEN") == nil)
        #expect(ProcessEnvironment.all["GATEHOUSE_TEST_TAKEN"] == nil)
    }
}

struct PathsTests {
    @Test(arguments: [
        ("/run/gatehouse/a.sock", "/run/gatehouse"), ("/a", "/"), ("/", "/"), ("a", "."), ("", "."), ("a/b", "a"),
        ("/a/b/", "/a/b"), ("/ä/ö", "/ä"),
    ])
    func `the folder of a path`(path: String, folder: String) {
        #expect(Paths.folder(of: path) == folder)
    }

    @Test func `a relative path starts from the current directory`() throws {
        #expect(Paths.absolute("/a/b") == "/a/b")
        let current = Paths.currentDirectory
        #expect(current.hasPrefix("/"))
        #expect(Paths.absolute("a/b") == current + "/a/b")
    }
}

struct MemoryFileTests {
    @Test func `a file in memory starts at its beginning and is closed on exec`() throws {
        let file = try MemoryFile.make("gatehouse-test", holding: Array("plan".utf8))
        defer { close(file) }
        #expect(fcntl(file, F_GETFD) & FD_CLOEXEC != 0)
        #expect(try Descriptor.readAll(file) == Array("plan".utf8))
    }
}
