import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// The supervisor with shell scripts as its workers.
struct SupervisorTests {
    let run: SupervisorRun

    init() throws {
        run = try SupervisorRun()
        run.configuration.pools = [run.pool()]
    }

    // MARK: The first start

    @Test func `a worker is told to accept when it is ready, and to drain when all stops`() throws {
        run.when("order {\"accept\"", .stop(atOnce: false))
        let status = try run.run(worker: "test -S \(run.socketPath) || exit 9\n" + WorkerScript.obedient)
        #expect(status == 0)
        #expect(run.has("gatehouse: ready: fastcgi:\(run.socketPath) (0660 "))
        #expect(run.has("), 1 module (/ → A 1.0)"))
        #expect(run.written("order ") == [#"order {"accept":{}}"#, #"order {"drain":{"handsOver":false}}"#])
        #expect(access(run.socketPath, F_OK) != 0)
        #expect(access(run.folder.path + "/control.sock", F_OK) != 0)
    }

    @Test func `what stops at once is told to end`() throws {
        run.when("order {\"accept\"", .stop(atOnce: true))
        #expect(try run.run(worker: WorkerScript.obedient) == 0)
        #expect(run.written("order ").last == #"order {"end":{}}"#)
    }

    @Test func `a worker that dies in a module's init is that module's fault`() throws {
        let status = try run.run(worker: #"echo '{"loading":{"path":"/m/libA.so"}}' >&3; kill -ILL $$"#)
        #expect(status == ExitStatus.moduleInitTrapped.rawValue)
        #expect(run.has("module /m/libA.so: its init ended the process by signal 4, SIGILL"))
        #expect(access(run.socketPath, F_OK) != 0)
    }

    @Test func `a worker that sends a malformed report is killed`() throws {
        #expect(try run.run(worker: "echo no report >&3; exec cat <&3") == ExitStatus.internal.rawValue)
        #expect(run.has("its control channel carried something that is not a report"))
    }

    @Test func `a worker that has said very much at once is heard to the end`() throws {
        let options = Supervisor.Options(configuration: run.configuration, workerProgram: "/bin/false") { _ in }
        let supervisor = try Supervisor(options)
        supervisor.perform(supervisor.poolManager.start([("web", PoolRules())], seed: 1, now: 0))
        let report = PoolManagerEvent.pool("web", .reported(worker: 1, .probed(number: 1)))
        supervisor.pending = Array(repeating: report, count: 100_000) + [.stopRequested(atOnce: true)]
        supervisor.performPending()
        #expect(supervisor.pending.isEmpty)
        guard case .stopping = supervisor.poolManager.phase else { Issue.record("the last one was not heard"); return }
    }

    @Test(arguments: [1, 2, 5]) func `a program that cannot be started is named, however many there are`(count: Int)
        throws
    {
        run.configuration.pools = [run.pool(workers: count), run.pool("api", workers: count)]
        #expect(try run.run(program: run.folder.path + "/none") == ExitStatus.inputOutput.rawValue)
        #expect(run.has("\(run.folder.path)/none: No such file or directory"))
        #expect(access(run.socketPath, F_OK) != 0)
    }

    @Test func `one worker that fails ends the others of the first start`() throws {
        run.configuration.pools = [run.pool(workers: 3)]
        let status = try run.run(
            worker: WorkerScript.readsPlan + """

                case $plan in *'"worker":2'[,}]*)
                    echo '{"failed":{"path":"/m/libA.so","message":"no database","exitStatus":85}}' >&3
                    exit 85 ;;
                esac
                exec sleep 600
                """)
        #expect(status == ExitStatus.moduleInitThrew.rawValue)
        #expect(run.has("no database"))
    }

    // MARK: What a worker has

    /// Row E9. The number 11 is the shell's own, on which it reads the script.
    @Test func `a worker inherits what is documented and nothing else`() throws {
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        // The descriptor with which the shell lists the folder is gone again when the loop's body runs.
        _ = try run.run(
            worker: """
                cd /proc/$$/fd
                for number in *; do test -e $number && found="$found $number"; done
                echo "descriptors$found"
                echo "input $(readlink 0)"
                """)
        let numbers = Set((run.written("descriptors").first ?? "").split(separator: " ").dropFirst())
        #expect(Set(numbers.map(String.init)).subtracting(["11"]) == Set((0...10).map(String.init)))
        #expect(run.written("input") == ["input /dev/null"])
    }

    @Test func `a worker reads its whole plan from its descriptor`() throws {
        run.configuration.pools[0].eventLoops = 3
        _ = try run.run(worker: "cat <&4; echo")
        let plan = try #require(run.written("{").first)
        for part in [
            #""eventLoops":3"#, #""descriptor":10"#, #""culprits":9"#, "libA.so", #""acceptsAtOnce":false"#,
            #""handOver":5"#,
            #""scoreboard":6"#, #""crash":7"#, #""worker":1"#, #""generation":1"#,
        ] { #expect(plan.contains(part), "\(part)") }
        #expect(!plan.contains(#""balance""#), "a worker that is alone shares with nobody")
    }

    @Test func `what a worker writes comes line by line with its name, and its last words too`() throws {
        run.when("last words", .stop(atOnce: true))
        _ = try run.run(worker: #"printf 'one\ntwo \033[31m\n'; echo three >&2; printf 'last words'"#)
        let lines = run.said.filter { $0.contains("Z info web[") }.map { $0.split(separator: "]: ", maxSplits: 1)[1] }
        #expect(lines == ["one", "two \\x1b[31m", "three", "last words"])
    }

    // MARK: While it serves

    @Test func `a worker that crashes is replaced, and its end is told`() throws {
        run.when("while it served: Fatal error", .status)
        run.when("order {\"accept\":{}} of 2", .stop(atOnce: false))
        let status = try run.run(
            worker: WorkerScript.readsPlan + "\n" + WorkerScript.ready + """

                read -r order <&3
                case $plan in *'"worker":1'[,}]*) echo 'Fatal error: index out of range' >&2; kill -TRAP $$ ;; esac
                echo "order $order of 2"
                \(WorkerScript.obeying)
                """)
        #expect(status == 0)
        #expect(run.has("was killed by signal 5, SIGTRAP: a Swift runtime failure while it served: Fatal error: index"))
        guard case .status(let report)? = try run.replies().first else { return #expect(Bool(false), "no status") }
        #expect(report.pools[0].crashes == 1)
        #expect(report.pools[0].lastCrash?.contains("SIGTRAP") == true)
    }

    @Test func `a worker that closes its control channel and lives on is killed and replaced`() throws {
        run.when("worker 1 no longer receives orders", .stop(atOnce: true))
        let status = try run.run(
            worker: WorkerScript.readsPlan + "\n" + WorkerScript.ready + """

                read -r order <&3
                case $plan in *'"worker":1'[,}]*) exec 3>&-; exec sleep 600 ;; esac
                \(WorkerScript.obeying)
                """)
        #expect(status == 0)
        #expect(!run.has("is not a report"))
    }

    @Test func `a pool is scaled up and down`() throws {
        run.when("ready: ", .scale(pool: "web", workers: 3))
        run.when("order {\"accept\":{}} of 3", .scale(pool: "web", workers: 1))
        run.when("order {\"drain\":{\"handsOver\":true}} of 3", .stop(atOnce: false))
        #expect(try run.run(worker: WorkerScript.numbered) == 0)
        #expect(run.written("order {\"drain\":{\"handsOver\":true}} of 3").count == 1)
        #expect(run.written("order {\"drain\":{\"handsOver\":false}} of 1").count == 1)
    }

    @Test(arguments: [
        (#"{"scale":{"pool":"web","workers":0}}"#, "a pool has from 1 to 100 workers"),
        (#"{"drain":{"pool":"no\u001bne"}}"#, "there is no pool no\\x1bne: there is web"),
        (#"{"release":{"route":"GET /x"}}"#, "there is no such quarantine"),
        (#"{"destroy":{}}"#, "the supervisor does not know that command"),
        ("GET / HTTP/1.1", "the supervisor does not know that command"),
        ("", "the supervisor does not know that command"),
    ])
    func `what cannot be done is refused in words`(line: String, answer: String) throws {
        run.when("order {\"accept\"", line: line)
        run.when("order {\"accept\"", .stop(atOnce: true))
        #expect(try run.run(worker: WorkerScript.obedient) == 0)
        let failures = try run.replies().compactMap { reply -> String? in
            if case .failed(let message, _) = reply { message } else { nil }
        }
        #expect(failures.count == 1)
        #expect(failures.first?.contains(answer) == true)
    }

    // MARK: Reloading

    @Test func `a reload starts new workers, then drains the old ones, which hand over`() throws {
        run.next = run.configuration
        run.next?.pools[0].eventLoops = 2
        run.when("ready: ", .reload(pool: nil))
        run.when("gatehouse: reloaded", .stop(atOnce: false))
        #expect(try run.run(worker: WorkerScript.numbered) == 0)
        #expect(run.has("generation 2 serves"))
        #expect(run.written("order {\"drain\":{\"handsOver\":true}} of 1").count == 1)
        #expect(run.written("order {\"drain\":{\"handsOver\":false}} of 2").count == 1)
        #expect(try run.replies().first == .done("reloaded"))
    }

    @Test(arguments: ["exit 3", "kill -SEGV $$", "echo garbage >&3; exec sleep 600", "exit 0"])
    func `a reload that brings a bad worker leaves the old ones`(bad: String) throws {
        run.next = run.configuration
        run.next?.pools[0].workers = .fixed(2)
        run.when("ready: ", .reload(pool: nil))
        run.when("the reload has failed", .stop(atOnce: false))
        let status = try run.run(
            worker: WorkerScript.readsPlan + "\nif [ $generation = 2 ]; then \(bad); fi\n" + WorkerScript.numbered)
        #expect(status == 0)
        #expect(run.count("the reload has failed, the old workers go on serving: pool web: ") == 1)
        #expect(run.written("order {\"drain\":{\"handsOver\":false}} of 1").count == 1, "the old one served to the end")
        guard case .failed? = try run.replies().first else {
            return #expect(Bool(false), "the reload was answered well")
        }
    }

    @Test func `a reload whose program is gone leaves the old workers, and nothing of the new ones`() throws {
        run.next = run.configuration
        run.next?.pools[0].workers = .fixed(3)
        run.when("ready: ", .reload(pool: nil))
        run.when("the reload has failed", .stop(atOnce: false))
        let program = run.folder.path + "/gatehouse-worker"
        #expect(try run.run(worker: "mv \(program) \(program).gone\n" + WorkerScript.numbered) == 0)
        #expect(run.has("No such file or directory"))
        #expect(run.written("order {\"drain\":{\"handsOver\":false}} of 1").count == 1)
    }

    @Test func `a configuration that cannot be read leaves everything as it is`() throws {
        run.when("ready: ", .reload(pool: nil))
        run.when("the reload has failed", .stop(atOnce: false))
        #expect(try run.run(worker: WorkerScript.obedient) == 0)
        #expect(
            try run.replies().first
                == .failed(message: "the file is no YAML", exitStatus: ExitStatus.configuration.rawValue))
    }

    @Test func `a drain while a reload is on trial ends the reload`() throws {
        run.next = run.configuration
        run.next?.pools[0].eventLoops = 2
        run.when("ready: ", .reload(pool: nil))
        run.when("on trial", .drain(pool: "web"))
        run.when("the reload has failed", .stop(atOnce: false))
        let status = try run.run(
            worker: WorkerScript.readsPlan
                + "\nif [ $generation = 2 ]; then echo on trial; exec sleep 600; fi\n" + WorkerScript.numbered)
        #expect(status == 0)
        #expect(try run.replies().contains { if case .failed = $0 { true } else { false } })
    }
}
