import CGatehouseSystem
import GatehouseSystem
import Glibc
import Hummingbird

/// A regular file that is open for reading, and closed when nobody has it any more.
package final class OpenFile: Sendable {
    package let descriptor: Int32
    package let stamp: FileStamp

    package struct Failure: Error, CustomStringConvertible {
        package var description: String
        /// Whether there is no such regular file, or it may not be had.
        package var isAbsence: Bool
        /// Whether the user of this process may not open it.
        var isForbidden = false

        package init(description: String, isAbsence: Bool) {
            self.description = description
            self.isAbsence = isAbsence
        }

        /// The error for a request that asks for it. A file that is there and cannot be read is in the log, too, since
        /// that is the operator's business and the client hears nothing of it.
        package func answer() -> any Error {
            if isForbidden { FileLog.forbidden(self) }
            return isAbsence ? HTTPError(.notFound) : self
        }
    }

    private init(descriptor: Int32, name: String) throws(Failure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, let stamp = FileStamp(status) else {
            close(descriptor)
            throw Failure(description: "\(name) is no regular file", isAbsence: true)
        }
        self.descriptor = descriptor
        self.stamp = stamp
    }

    deinit { close(descriptor) }

    // FIFOs and devices must not hold the caller up before fstat(2) refuses them.
    private static let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY

    /// Opens a file by its path. Its last component may not be a symbolic link. Blocks.
    package convenience init(path: String) throws(Failure) {
        try self.init(descriptor: Self.checked(open(path, Self.flags), path), name: path)
    }

    /// Opens a file below a folder by the components of its path, none of which may be a symbolic link. Blocks.
    package convenience init(_ components: [String], in folder: String) throws(Failure) {
        // The folder itself may be a link: whoever has named it is no client.
        var directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure(folder) }
        defer { close(directory) }
        for component in components.dropLast() {
            let next = gatehouse_open_directory(directory, component)
            guard next >= 0 else { throw Self.failure(component) }
            close(directory)
            directory = next
        }
        let name = components.last ?? ""
        try self.init(descriptor: Self.checked(openat(directory, name, Self.flags), name), name: name)
    }

    private static func checked(_ descriptor: Int32, _ name: String) throws(Failure) -> Int32 {
        guard descriptor >= 0 else { throw failure(name) }
        return descriptor
    }

    private static func failure(_ name: String) -> Failure {
        let isAbsence = [ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG, ENXIO].contains(errno)
        let isForbidden = errno == EACCES
        var failure = Failure(description: "cannot open \(name): \(SystemError.text())", isAbsence: isAbsence)
        failure.isForbidden = isForbidden
        return failure
    }

    /// Reads up to `count` bytes. Blocks while the disk is at work.
    /// - Returns: fewer bytes at the file's end alone.
    package func read(at offset: Int64, count: Int) throws(Failure) -> [UInt8] {
        var failed: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let read = pread(
                    descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset) + off_t(filled))
                if read > 0 {
                    filled += read
                } else if read == 0 {
                    return
                } else if errno != EINTR {
                    failed = errno
                    return
                }
            }
        }
        guard failed == 0 else {
            throw Failure(description: "cannot read: \(SystemError.text(failed))", isAbsence: false)
        }
        return bytes
    }
}
