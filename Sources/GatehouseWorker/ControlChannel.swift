import FoundationEssentials
import GatehousePlan
import Glibc

/// Tells the supervisor's side how the worker fares, one JSON object a line.
struct ControlChannel: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func send(_ report: WorkerReport) {
        guard var line = try? JSONEncoder().encode(report) else { return }
        line.append(UInt8(ascii: "\n"))
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

    /// Returns when the supervisor's side has gone: its end of the channel is closed.
    func waitForEnd() {
        var poller = pollfd(fd: descriptor, events: 0, revents: 0)
        // A pipe or socket whose other end is closed reports POLLHUP or POLLERR, which need not be asked for.
        while poll(&poller, 1, -1) < 0, errno == EINTR {}
    }
}
