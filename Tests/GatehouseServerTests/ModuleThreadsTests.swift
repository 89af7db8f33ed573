import Gatehouse
import GatehouseTesting
import Glibc
import Synchronization
import Testing

/// The threads that a module's code runs on: its event loop, the blocking threads, and the ways between them.
struct ModuleThreadsTests {
    struct Threads: HandlerModule {
        struct Wrong: Error, Equatable {}

        let madeOn: String
        let stateFolder: String

        init(context: ModuleContext) async throws {
            // There is no server yet.
            madeOn = await BlockingThreads.run { HandlerLoop.current == nil ? "no loop" : "a loop" }
            stateFolder = try context.stateFolder
        }

        func routes(_ router: Router<GatewayRequestContext>) {
            router.get("/blocking") { _, _ -> String in
                let loop = HandlerLoop.current
                let here = pthread_self()
                let there = await BlockingThreads.run { pthread_self() }
                let isBack = pthread_self() == here && loop?.isCurrent == true
                return "\(here != there) \(isBack)"
            }
            router.get("/throwing") { _, _ -> String in
                do throws(Wrong) {
                    return try await BlockingThreads.run { () throws(Wrong) -> String in throw Wrong() }
                } catch {
                    return "\(error)"
                }
            }
            router.get("/waiting") { _, _ -> String in
                guard let loop = HandlerLoop.current else { throw HTTPError(.internalServerError) }
                var pair: [Int32] = [-1, -1]
                guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else { return "no socket" }
                let (ours, theirs) = (pair[0], pair[1])
                defer {
                    close(ours)
                    close(theirs)
                }
                let text: String = try await withCheckedThrowingContinuation { continuation in
                    do {
                        var watch: DescriptorWatch?
                        watch = try loop.watch(ours, for: .readable) { _ in
                            watch?.end()
                            var bytes = [UInt8](repeating: 0, count: 16)
                            let count = read(ours, &bytes, bytes.count)
                            continuation.resume(returning: String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
                        }
                        loop.after(.milliseconds(1)) { _ = write(theirs, "hello", 5) }
                    } catch {
                        continuation.resume(throwing: error)
                    }
                }
                return loop.isCurrent ? text : "another thread"
            }
            router.get("/made") { _, _ in madeOn }
            router.get("/folder") { _, _ in stateFolder }
        }
    }

    @Test func `a closure runs on another thread, and its handler goes on where it was`() async throws {
        try await ModuleTester.run(Threads.self) { threads in
            let page = try await threads.get("/blocking")
            #expect(page.text == "true true")
            #expect(try await threads.get("/throwing").text == "Wrong()")
            #expect(try await threads.get("/made").text == "no loop")
        }
    }

    @Test func `a handler can wait for a descriptor on its own loop`() async throws {
        try await ModuleTester.run(Threads.self) { threads in
            let page = try await threads.get("/waiting")
            #expect(page.text == "hello")
        }
    }

    @Test func `a test's state folder is empty, and gone afterwards`() async throws {
        let path = try await ModuleTester.run(Threads.self) { threads in
            let path = try await threads.get("/folder").text
            #expect(access(path, W_OK) == 0)
            #expect(rmdir(path) == 0)
            #expect(mkdir(path, 0o700) == 0)
            close(open(path + "/left", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
            return path
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test func `cancelling does not interrupt the work, which can look`() async throws {
        let saw = Mutex(false)
        let task = Task {
            await BlockingThreads.run {
                while !Task.isCancelled { sched_yield() }
                saw.withLock { $0 = true }
            }
        }
        task.cancel()
        await task.value
        #expect(saw.withLock { $0 })
    }

    @Test func `more closures than threads all run`() async throws {
        let sum = await withTaskGroup { group in
            for number in 0..<500 {
                group.addTask {
                    await BlockingThreads.run {
                        usleep(100)
                        return number
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 124_750)
    }
}
