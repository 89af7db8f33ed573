import CGatehouseSystem
import GatehouseSystem
import Glibc

/// A pipe from a program, and what came through it.
final class ProgramPipe {
    let reading: Int32
    private(set) var writing: Int32
    private(set) var bytes: [UInt8] = []
    /// Whether more came than the limit; it is not kept.
    private(set) var isFull = false
    private let limit: Int

    init(limit: Int) throws(SystemError) {
        self.limit = max(0, limit)
        var ends: [Int32] = [-1, -1]
        guard gatehouse_pipe(&ends, 65_536) == 0 else { throw SystemError("pipe2") }
        (reading, writing) = (ends[0], ends[1])
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(reading)
        closeWriting()
    }

    /// Closes the program's end in this process, so that the program's own is the last.
    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    /// Reads what is there.
    /// - Returns: whether more may come.
    func read() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
            while true {
                let count: Int
                do throws(SystemError) { count = try Descriptor.read(reading, into: buffer) } catch {
                    return error.code == EAGAIN
                }
                guard count > 0 else { return false }
                let taken = min(count, limit - bytes.count)
                bytes.append(contentsOf: buffer[..<taken])
                if taken < count {
                    isFull = true
                    // A program that never ends to write is asked again after a look at the deadline.
                    return true
                }
            }
        }
    }

    /// The bytes as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Wakes the thread that follows a program: its caller was cancelled.
final class ProgramWakeup: Sendable {
    let descriptor: Int32

    init() throws(SystemError) {
        descriptor = gatehouse_wakeup_create()
        guard descriptor >= 0 else { throw SystemError("eventfd") }
    }

    deinit { close(descriptor) }

    func signal() {
        gatehouse_wakeup_signal(descriptor)
    }
}
