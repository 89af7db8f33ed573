package import Glibc

/// The identity and the state of a regular file: if it is the same, so is the content.
package struct FileStamp: Sendable, Hashable {
    package let device: UInt64
    package let inode: UInt64
    package let size: Int64
    package let seconds: Int
    package let nanoseconds: Int

    /// - Returns: `nil` if the file is no regular one.
    package init?(_ status: stat) {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }

    package var modified: HTTPDate { HTTPDate(secondsSince1970: Int64(seconds)) }

    /// A name for this state without reading the content, as other servers make it of size and time.
    package var etag: ETag { .strong("\(String(size, radix: 16))-\(String(seconds, radix: 16)).\(nanoseconds)") }
}
