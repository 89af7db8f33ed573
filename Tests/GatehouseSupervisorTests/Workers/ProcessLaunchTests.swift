import GatehouseConfiguration
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// A child has the requested properties, as the kernel reports them.
struct ProcessLaunchTests {
    private func launch(
        _ script: String, _ settings: ProcessSettings = ProcessSettings(), program: String = "/bin/sh",
        listens: Bool = false, descriptors: [Int32] = []
    ) throws -> String {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        // A child of a test beside this one would keep the pipe from ending.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var launch = ProcessLaunch(
            program: program, arguments: [program, "-c", script], environment: ["ONLY": "this"],
            descriptors: descriptors,
            output: ends[1], settings: settings)
        launch.announcesListenPID = listens
        let pid: pid_t
        do { pid = try launch.start() } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        waitpid(pid, nil, 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `directory, environment, group and signals are its own`() throws {
        let output = try launch(
            "pwd; env; cut -d' ' -f1,5 /proc/$$/stat; exec grep -E 'SigBlk|SigIgn' /proc/self/status")
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.first == "/")
        #expect(lines.contains("ONLY=this") && !lines.contains { $0.hasPrefix("HOME=") })
        let numbers = lines.first { $0.wholeMatch(of: /\d+ \d+/) != nil }?.split(separator: " ")
        #expect(numbers?.first == numbers?.last, "it leads a process group of its own")
        #expect(lines.suffix(2) == ["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"])
    }

    @Test func `nice, processors and limits are as asked`() throws {
        var settings = ProcessSettings()
        settings.nice = 7
        settings.processors = [0]
        settings.resourceLimits = [
            ProcessSettings.ResourceLimit(resource: Int32(RLIMIT_NOFILE.rawValue), value: 123),
            ProcessSettings.ResourceLimit(resource: Int32(RLIMIT_CORE.rawValue), value: 0),
        ]
        settings.directory = "/usr"
        let output = try launch("pwd; nice; grep Cpus_allowed_list /proc/$$/status; ulimit -n; ulimit -Hc", settings)
        #expect(output == "/usr\n7\nCpus_allowed_list:\t0\n123\n0\n")
    }

    @Test(.enabled(if: geteuid() == 0))
    func `user, group and further groups are as asked, and nothing of root is left`() throws {
        var settings = ProcessSettings()
        settings.user = ProcessSettings.Account(
            name: "nobody", user: 65_534, group: 65_534, home: "/", groups: [65_534, 4_711])
        let output = try launch("grep -E '^(Uid|Gid|Groups|CapEff)' /proc/$$/status", settings)
        #expect(output.contains("Uid:\t65534\t65534\t65534\t65534\n"))
        #expect(output.contains("Gid:\t65534\t65534\t65534\t65534\n"))
        #expect(output.contains("Groups:\t4711 65534"))
        #expect(output.contains("CapEff:\t0000000000000000"))
        settings.group = 33
        #expect(try launch("grep '^Gid' /proc/$$/status", settings).contains("Gid:\t33\t33\t33\t33\n"))
    }

    @Test func `LISTEN_PID is the child's own number, and descriptors begin at 3`() throws {
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        #expect(
            try launch(
                "test $LISTEN_PID = $$ && echo same; readlink /proc/$$/fd/3 /proc/$$/fd/4", listens: true,
                descriptors: [null, null])
                == "same\n/dev/null\n/dev/null\n")
    }

    @Test func `what fails is named by its stage`() throws {
        func stage(
            _ program: String = "/bin/sh", descriptors: [Int32] = [],
            _ change: (inout ProcessSettings) -> Void = { _ in }
        ) -> String? {
            var settings = ProcessSettings()
            change(&settings)
            do { _ = try launch("true", settings, program: program, descriptors: descriptors) } catch let failure
                as ProcessLaunch.Failure
            {
                return failure.stage
            } catch { return nil }
            return "none"
        }
        #expect(stage() == "none")
        #expect(stage("/nonexistent/program") == "program")
        #expect(stage(descriptors: [9_999]) == "descriptors")
        #expect(stage { $0.directory = "/nonexistent" } == "directory")
        #expect(stage { $0.processors = [900] } == "cpus")
    }
}
