import Gatehouse
import GatehouseSystem
import Glibc
public import NIOCore

/// A file that a client has sent. It is on disk without a name, and goes when nobody has this value any more, which is
/// at the end of the request at the latest if nobody keeps it: see ``keep(at:mode:replacing:)``.
///
/// Everything that the client says about it can be wrong: its name, its type, and that it is what it looks like.
public struct UploadedFile: Sendable {
    let file: UnnamedFile
    private let start: [UInt8]

    /// The bytes of the file.
    public let size: Int

    /// The file's name as the client sent it: any text, or empty; paths and control characters included. Never a part
    /// of a path, nor of a header.
    public let unsafeName: String

    /// The media type that the client claims, such as `image/png`, for whatever it sends; `nil` if it claims none.
    /// Never the Content-Type with which the file is sent back: a browser would run a page that somebody called a
    /// picture.
    public let claimedContentType: String?

    init(file: UnnamedFile, size: Int, start: [UInt8], unsafeName: String, claimedContentType: String?) {
        self.file = file
        self.size = size
        self.start = start
        self.unsafeName = unsafeName
        self.claimedContentType = claimedContentType
    }

    /// A safe name for the file, to be shown and to be offered for saving: what the client sent behind its last slash
    /// or backslash, without control characters and what turns a text's direction around, without leading dots, with
    /// `_` for a leading `-` and for `: * ? " < > |`, at most 128 bytes of UTF-8, `_` before names that Windows keeps
    /// for devices, and `file` if nothing is left.
    ///
    /// Two clients can send the same name. A file that is kept needs one of its own, such as the number of its row.
    public var name: String { SafeFileName.make(unsafeName) }

    /// The kind of picture that the file's first bytes say; `nil` if they say none. The extension and the Content-Type
    /// of what is kept should come from this.
    public var imageType: ImageType? { ImageType(startingWith: start) }

    /// The whole file, in memory.
    /// - Parameter limit: the most bytes; 1 MiB by default.
    /// - Throws: ``MultipartError``, 413, if it is larger; ``UploadError`` if it cannot be read.
    public func contents(upTo limit: Int = 1 << 20) async throws -> ByteBuffer {
        guard size <= limit else {
            throw MultipartError(.limit, 413, "an uploaded file has more than the \(limit) bytes that it may have here")
        }
        return try await bytes(at: 0, count: size)
    }

    /// A part of the file.
    /// - Parameters:
    ///   - offset: bytes from its beginning.
    ///   - count: the most bytes.
    /// - Throws: ``UploadError`` if it cannot be read.
    public func bytes(at offset: Int, count: Int) async throws(UploadError) -> ByteBuffer {
        let (file, most) = (file, Swift.max(0, Swift.min(count, size - offset)))
        return try await BlockingThreads.run { () throws(UploadError) in
            do throws(SystemError) {
                return ByteBuffer(bytes: try Descriptor.read(file.descriptor, at: offset, upTo: most))
            } catch {
                throw UploadError("cannot read a temporary file in the folder \(file.folder)", error)
            }
        }
    }

    /// Gives the file's descriptor to a closure, for libraries and programs that read from one: it is open for reading
    /// and writing, stays ours to close, and its position is anywhere.
    public func withDescriptor<Result, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withExtendedLifetime(file) { () throws(Failure) in try body(file.descriptor) }
    }
}
