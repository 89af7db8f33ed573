import CGatehouseSystem
import Gatehouse
import GatehouseSystem
import Glibc
import NIOCore

/// A file that is being written, a quarter of a mebibyte at a time, on threads that may wait for the disk: a handler's
/// event loop may not, and a hop for each piece of a body would cost more than its writing.
final class UploadWriter {
    private static let waitingLimit = 256 << 10

    private let folder: String
    private var file: UnnamedFile?
    /// Bytes to be written. A copy, because a worker reads into the same memory again and again as long as nobody keeps
    /// a piece of it.
    private var waiting = ByteBuffer()
    private var size = 0
    private var start: [UInt8] = []

    init(folder: String) { self.folder = folder }

    func write(_ bytes: ByteBuffer) async throws(UploadError) {
        if start.count < ImageType.longestStart {
            start += bytes.readableBytesView.prefix(ImageType.longestStart - start.count)
        }
        size += bytes.readableBytes
        waiting.writeImmutableBuffer(bytes)
        if waiting.readableBytes >= Self.waitingLimit { try await flush() }
    }

    func finish(_ head: PartHead) async throws(UploadError) -> UploadedFile {
        let file = try await flush()
        return UploadedFile(
            file: file, size: size, start: start, unsafeName: head.fileName ?? "", claimedContentType: head.contentType)
    }

    @discardableResult
    private func flush() async throws(UploadError) -> UnnamedFile {
        let (folder, file, bytes) = (folder, file, waiting)
        waiting = ByteBuffer()
        let (written, used) = try await BlockingThreads.run { () throws(UploadError) in
            let file = if let file { file } else { try UnnamedFile(in: folder) }
            try file.append(bytes)
            return (file, bytes)
        }
        self.file = written
        waiting = used
        waiting.clear()
        return written
    }
}

/// A file without a name, which goes with its last owner: nothing remains of a request that ended, or of a worker that
/// crashed.
final class UnnamedFile: Sendable {
    let descriptor: Int32
    /// Whether it can be given a name.
    let isLinkable: Bool
    let folder: String

    /// - Parameter folder: an absolute path.
    init(in folder: String) throws(UploadError) {
        var isLinkable: Int32 = 0
        descriptor = gatehouse_unnamed_file(folder, &isLinkable)
        self.isLinkable = isLinkable != 0
        self.folder = folder
        guard descriptor >= 0 else {
            throw UploadError("cannot make a temporary file in the folder \(folder)", SystemError("open"))
        }
    }

    /// No file.
    init() { (descriptor, isLinkable, folder) = (-1, false, "") }

    deinit {
        guard descriptor >= 0 else { return }
        // The blocks of a large file are given back when it is closed, which takes long.
        if lseek(descriptor, 0, SEEK_END) > 8 << 20 {
            let descriptor = descriptor
            Task.detached { await BlockingThreads.run { _ = close(descriptor) } }
        } else {
            close(descriptor)
        }
    }

    func append(_ bytes: ByteBuffer) throws(UploadError) {
        do throws(SystemError) {
            try Descriptor.writeAll(bytes.readableBytesView, to: descriptor)
        } catch {
            throw UploadError("cannot write a temporary file in the folder \(folder)", error)
        }
    }
}
