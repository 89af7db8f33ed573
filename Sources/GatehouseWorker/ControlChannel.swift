import FoundationEssentials
import GatehousePlan
import Glibc
import Synchronization

/// The worker's end of what it and the supervisor's side say to each other, one JSON object a line.
final class ControlChannel: Sendable {
    private let descriptor: Int32
    /// Reports come from several tasks, and lines must not mix.
    private let sending = Mutex(())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func send(_ report: WorkerReport) {
        guard var line = try? JSONEncoder().encode(report) else { return }
        line.append(UInt8(ascii: "\n"))
        sending.withLock { _ in
            line.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    // The supervisor's side is gone; what that means is decided where its end is watched for.
                    guard count > 0 else { return }
                    rest = rest.dropFirst(count)
                }
            }
        }
    }

    /// Waits for what the supervisor's side says next; `nil` when it has gone: its end of the channel is closed.
    func read() -> ArraySlice<UInt8>? {
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 { return chunk[..<count] }
            if count < 0, errno == EINTR { continue }
            return nil
        }
    }
}
