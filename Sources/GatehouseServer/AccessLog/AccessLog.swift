package import GatehousePlan
import Glibc
package import Logging
import Synchronization

/// A worker's access log: one file for all its loops, each of which collects its own lines.
package final class AccessLog: Sendable {
    private struct File {
        var descriptor: Int32
        /// A full disk is said once, and not with every write.
        var hasFailed = false
    }

    let format: AccessLogFormat
    let pool: String
    private let logger: Logger
    private let file: Mutex<File>

    /// - Parameter descriptor: open for appending; the log owns it.
    package init(descriptor: Int32, format: AccessLogFormat, pool: String, logger: Logger) {
        self.format = format
        self.pool = pool
        self.logger = logger
        file = Mutex(File(descriptor: descriptor))
    }

    /// Writes to another file from now on, and closes the one before. From anywhere.
    package func reopen(with descriptor: Int32) {
        let old = file.withLock { file in
            defer { file = File(descriptor: descriptor) }
            return file.descriptor
        }
        close(old)
    }

    /// Whole lines, in as few writes as the file takes: one, unless it is a pipe that is full.
    func write(_ lines: [UInt8]) {
        let failure = file.withLock { file -> Int32? in
            lines.withUnsafeBytes { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let count = Glibc.write(file.descriptor, rest.baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else {
                        let code = errno
                        defer { file.hasFailed = true }
                        return file.hasFailed ? nil : code
                    }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
                file.hasFailed = false
                return nil
            }
        }
        guard let failure else { return }
        logger.error(
            "the access log cannot be written, lines are lost: \(SystemError.text(failure)); going on with every write")
    }
}
