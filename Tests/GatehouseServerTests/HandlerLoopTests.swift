import Glibc
import Testing

@testable import GatehouseServer

/// The loop that clients of C libraries wait on.
struct HandlerLoopTests {
    private let loop: HandlerLoop

    init() throws {
        loop = try HandlerLoop.started()
    }

    /// Runs `body` on the loop, and returns its result.
    private func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable (HandlerLoop) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            loop.run { [loop] in continuation.resume(with: Swift.Result { try body(loop) }) }
        }
    }

    /// Lets the loop look at its descriptors once more.
    private func turn() async throws {
        // The first is queued, the second after the descriptors of the turn that runs the first.
        for _ in 0..<2 { try await onLoop { _ in } }
    }

    @Test func `current is the loop whose thread calls, and nil elsewhere`() async throws {
        defer { loop.stop() }
        #expect(HandlerLoop.current == nil)
        #expect(!loop.isCurrent)
        let isSame = try await onLoop { loop in HandlerLoop.current?.id == loop.id && loop.isCurrent }
        #expect(isSame)
        let elsewhere = await BlockingThreads.run { HandlerLoop.current == nil }
        #expect(elsewhere)
    }

    @Test func `the background loop is one for the whole process`() async throws {
        defer { loop.stop() }
        let first = try HandlerLoop.background()
        let second = try HandlerLoop.background()
        #expect(first.id == second.id)
        let runs = await withCheckedContinuation { continuation in
            first.run { continuation.resume(returning: first.isCurrent && HandlerLoop.current?.id == first.id) }
        }
        #expect(runs)
    }

    @Test func `a watch reports for as long as there is something to read`() async throws {
        defer { loop.stop() }
        let pair = try SocketPair()
        let heard = Gate()
        let calls = Counter()
        let watch = try await onLoop { loop in
            Held(
                try loop.watch(pair.ours, for: .readable) { readiness in
                    #expect(readiness == .readable)
                    calls.add(1)
                    var byte: UInt8 = 0
                    // One of the three bytes at a time: the next turn reports the rest again.
                    #expect(read(pair.ours, &byte, 1) == 1)
                    if calls.value == 3 { heard.open() }
                })
        }
        #expect(write(pair.theirs, "abc", 3) == 3)
        await heard.pass()
        try await turn()
        #expect(calls.value == 3)
        // The registration stays: later bytes are reported, too.
        let again = Gate()
        try await onLoop { _ in
            watch.value.end()
            watch.value.end()
        }
        #expect(write(pair.theirs, "d", 1) == 1)
        try await turn()
        #expect(calls.value == 3)
        try await onLoop { loop in
            watch.value = try loop.watch(pair.ours, for: .readable) { _ in again.open() }
        }
        await again.pass()
        try await onLoop { _ in watch.value.end() }
    }

    @Test func `a change of interest takes effect at once`() async throws {
        defer { loop.stop() }
        let pair = try SocketPair()
        let writable = Counter()
        let readable = Gate()
        let gone = Gate()
        let watch = try await onLoop { loop in
            Held(
                try loop.watch(pair.ours, for: []) { readiness in
                    if readiness.contains(.gone) { return gone.open() }
                    if readiness.contains(.writable) { writable.add(1) }
                    if readiness.contains(.readable) { readable.open() }
                })
        }
        #expect(write(pair.theirs, "a", 1) == 1)
        try await turn()
        #expect(writable.value == 0)
        try await onLoop { _ in watch.value.change(to: .writable) }
        try await turn()
        #expect(writable.value > 0)
        try await onLoop { _ in watch.value.change(to: .readable) }
        await readable.pass()
        // Nobody has asked for this one.
        try await onLoop { _ in watch.value.change(to: []) }
        pair.closeTheirs()
        await gone.pass()
        try await onLoop { _ in
            watch.value.end()
            watch.value.change(to: .writable)
        }
    }

    @Test func `a watch that another one's action has ended is not called any more`() async throws {
        defer { loop.stop() }
        let first = try SocketPair()
        let second = try SocketPair()
        let calls = Counter()
        let watches = Held<[DescriptorWatch]>([])
        // Both are ready before either is watched, so both are in one look.
        #expect(write(first.theirs, "a", 1) == 1)
        #expect(write(second.theirs, "a", 1) == 1)
        try await onLoop { loop in
            for descriptor in [first.ours, second.ours] {
                watches.value.append(
                    try loop.watch(descriptor, for: .readable) { _ in
                        calls.add(1)
                        for watch in watches.value { watch.end() }
                    })
            }
        }
        try await turn()
        #expect(calls.value == 1)
    }

    @Test func `a watch that outlived its descriptor harms nobody who has the number now`() async throws {
        defer { loop.stop() }
        let heard = Gate()
        let kept = Held<[DescriptorWatch]>([])
        let pair = try SocketPair()
        let successor = try SocketPair()
        let calls = Counter()
        try await onLoop { loop in
            let early = try loop.watch(pair.ours, for: .readable) { _ in calls.add(1) }
            // The number gets another socket, without a word to the watch: dup2 closes what was there.
            #expect(dup2(successor.ours, pair.ours) == pair.ours)
            let late = try loop.watch(pair.ours, for: .readable) { _ in
                calls.add(10)
                var byte: UInt8 = 0
                _ = read(pair.ours, &byte, 1)
                heard.open()
            }
            early.change(to: .writable)
            early.change(to: [])
            early.end()
            kept.value = [early, late]
        }
        #expect(write(successor.theirs, "a", 1) == 1)
        await heard.pass()
        #expect(calls.value == 10)
        try await onLoop { _ in for watch in kept.value { watch.end() } }
    }

    @Test func `a refusal to watch says why`() async throws {
        defer { loop.stop() }
        let pair = try SocketPair()
        @Sendable func refusal(_ loop: HandlerLoop, _ descriptor: Int32) -> String? {
            do {
                try loop.watch(descriptor, for: .readable) { _ in }.end()
                return nil
            } catch {
                return error.description
            }
        }
        let refusals = try await onLoop { loop in
            let watch = try loop.watch(pair.ours, for: .readable) { _ in }
            defer { watch.end() }
            let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            return [refusal(loop, pair.ours), refusal(loop, -1), refusal(loop, file), refusal(loop, pair.theirs)]
        }
        #expect(refusals[0] == "cannot wait for descriptor \(pair.ours): File exists")
        #expect(refusals[1] == "cannot wait for descriptor -1: Bad file descriptor")
        #expect(refusals[2]?.hasSuffix(": Operation not permitted") == true)
        #expect(refusals[3] == nil)
    }

    @Test func `delayed actions come in the order of their times, and cancelled ones not at all`() async throws {
        defer { loop.stop() }
        let order = Held<[Int]>([])
        await withCheckedContinuation { continuation in
            loop.run { [loop] in
                loop.after(.milliseconds(30)) { continuation.resume() }
                loop.after(.milliseconds(20)) { order.value.append(4) }
                let cancelled = loop.after(.milliseconds(15)) { order.value.append(3) }
                loop.after(.zero) { order.value.append(1) }
                // A time in the past is as good as none.
                loop.after(.seconds(-1)) {
                    order.value.append(2)
                    cancelled.cancel()
                    cancelled.cancel()
                }
                // Never runs within this test.
                loop.after(.seconds(Int64.max)) { order.value.append(5) }
            }
        }
        #expect(order.value == [1, 2, 4])
    }

    @Test func `many cancelled timers hold nothing`() async throws {
        defer { loop.stop() }
        let freed = Counter()
        final class Canary {
            let freed: Counter
            init(_ freed: Counter) { self.freed = freed }
            deinit { freed.add(1) }
        }
        try await onLoop { loop in
            for _ in 0..<10_000 {
                let canary = Canary(freed)
                loop.after(.seconds(3_600)) { _ = canary }.cancel()
            }
        }
        #expect(freed.value == 10_000)
    }
}

/// A value that only the loop's thread touches, or the test while the loop does not.
private final class Held<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
}

/// Two connected sockets.
private final class SocketPair: Sendable {
    let ours: Int32
    let theirs: Int32

    init() throws {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        (ours, theirs) = (pair[0], pair[1])
    }

    deinit {
        close(ours)
        close(theirs)
    }

    /// The descriptor's number stays, so that nobody else's is closed in the end.
    func closeTheirs() { shutdown(theirs, Int32(SHUT_RDWR)) }
}
