import CGatehouseSystem
import GatehouseServer
import Glibc
import Synchronization
import Testing

/// A thread is looked at while it sleeps or computes, and does not notice.
@Suite(.serialized) struct ThreadTraceTests {
    /// The progress of the thread under test.
    private final class Subject: Sendable {
        let thread = Atomic<Int32>(0)
        let isOver = Atomic<Bool>(false)
        let isReleased = Atomic<Bool>(false)
        let wasCutShort = Atomic<Bool>(false)
    }

    enum Way: CaseIterable {
        case nanosleep, usleep, poll, epoll, semaphore, lock, computing
    }

    /// Well longer than it takes to look.
    private static let milliseconds: Int32 = 1_500

    private static func pass(_ way: Way, _ subject: Subject) -> Bool {
        var time = timespec(tv_sec: 1, tv_nsec: 500_000_000)
        switch way {
        case .nanosleep: return nanosleep(&time, nil) == 0
        case .usleep: return usleep(UInt32(milliseconds) * 1_000) == 0
        case .poll: return poll(nil, 0, milliseconds) == 0
        case .epoll:
            let descriptor = gatehouse_poll_create()
            defer { close(descriptor) }
            var event = gatehouse_event()
            return gatehouse_poll_wait(descriptor, &event, 1, milliseconds) == 0
        case .semaphore:
            var semaphore = sem_t()
            sem_init(&semaphore, 0, 0)
            clock_gettime(CLOCK_REALTIME, &time)
            time.tv_sec += 2
            return sem_timedwait(&semaphore, &time) != 0 && errno == ETIMEDOUT
        case .lock:
            var (mutex, condition) = (pthread_mutex_t(), pthread_cond_t())
            pthread_mutex_init(&mutex, nil)
            pthread_cond_init(&condition, nil)
            pthread_mutex_lock(&mutex)
            clock_gettime(CLOCK_REALTIME, &time)
            time.tv_sec += 2
            return pthread_cond_timedwait(&condition, &mutex, &time) == ETIMEDOUT
        case .computing:
            while !subject.isReleased.load(ordering: .acquiring) {}
            return true
        }
    }

    @Test(arguments: Way.allCases) func `what it sleeps or waits for keeps its time`(way: Way) throws {
        #expect(gatehouse_trace_install() == 0)
        let subject = Subject()
        try PlainThread.run {
            gatehouse_trace_allow()
            subject.thread.store(gatehouse_thread(), ordering: .releasing)
            if !Self.pass(way, subject) { subject.wasCutShort.store(true, ordering: .releasing) }
            subject.isOver.store(true, ordering: .releasing)
        }
        while subject.thread.load(ordering: .acquiring) == 0 { sched_yield() }
        let thread = subject.thread.load(ordering: .acquiring)
        var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: 64)
        var (count, call): (Int32, Int) = (-1, -1)
        // Until it has come to its sleep.
        repeat {
            count = gatehouse_trace_thread(thread, 0, &addresses, 64, &call)
        } while (call < 0) != (way == .computing) && !subject.isOver.load(ordering: .acquiring)
        let wasSeen = !subject.isOver.load(ordering: .acquiring)
        #expect(wasSeen, "it was not seen asleep")
        subject.isReleased.store(true, ordering: .releasing)
        while !subject.isOver.load(ordering: .acquiring) { sched_yield() }
        let wasCutShort = subject.wasCutShort.load(ordering: .acquiring)
        #expect(!wasCutShort)
        if count < 0 {
            // The thread cannot be stopped, or stopping it would end the call.
            #expect(gatehouse_system_call_words(call) != nil, "system call \(call)")
        } else {
            #expect(count > 2 && way != .epoll)
        }
    }

    @Test func `a thread that is not there is not waited for`() {
        var address: UnsafeMutableRawPointer?
        var call = 0
        #expect(gatehouse_trace_install() == 0)
        #expect(gatehouse_trace_thread(.max, 0, &address, 1, &call) < 0 && call < 0)
    }
}
