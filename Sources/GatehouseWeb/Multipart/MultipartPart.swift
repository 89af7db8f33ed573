public import NIOCore

/// A field or a file of a form that is arriving. Its bytes are a sequence that is read once, before the next part is
/// asked for.
public struct MultipartPart: AsyncSequence {
    /// A piece of the part's bytes, as long as it arrived.
    public typealias Element = ByteBuffer

    let head: PartHead
    let number: Int
    let reader: MultipartReader

    /// The field's name in the form.
    public var name: String { head.name }

    /// Whether this is a file: the client has sent a file's name with it, if only an empty one.
    public var isFile: Bool { head.fileName != nil }

    /// The file's name, safe to be part of a path and to be shown: see ``UploadedFile/name``; `nil` for a field.
    public var fileName: String? { head.fileName.map(SafeFileName.make) }

    /// The file's name as the client sent it: any text, paths and control characters included. Never a part of a path.
    public var unsafeFileName: String? { head.fileName }

    /// The media type that the client claims; nobody has checked it.
    public var claimedContentType: String? { head.contentType }

    /// Goes on where another iterator has stopped.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(number: number, reader: reader) }

    /// The way through a part's bytes.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let number: Int
        let reader: MultipartReader

        /// The next bytes, which are not copied; `nil` after the last.
        /// - Throws: ``MultipartError``, or `BodyError` if the body itself breaks off.
        public mutating func next() async throws -> ByteBuffer? { try await reader.bytes(of: number) }

        /// The next bytes, which are not copied; `nil` after the last.
        /// - Throws: ``MultipartError``, or `BodyError` if the body itself breaks off.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(any Error) -> ByteBuffer? {
            try await reader.bytes(of: number)
        }
    }

    /// A field's value. A file's bytes in memory are `collect(upTo:)`, SwiftNIO's.
    /// - Throws: ``MultipartError``; 400 if it is not UTF-8, or has U+0000, which nobody types and no database takes,
    ///   413 if it has more than ``MultipartLimits/fieldBytes``.
    public func text() async throws -> String {
        var whole = ByteBuffer()
        while let bytes = try await reader.bytes(of: number) {
            guard whole.readableBytes + bytes.readableBytes <= reader.limits.fieldBytes else {
                throw MultipartError.limit("bytes of a field", "fieldBytes", \.fieldBytes, of: reader.limits)
            }
            if whole.readableBytes == 0 { whole = bytes } else { whole.writeImmutableBuffer(bytes) }
        }
        guard let text = String(validating: whole.readableBytesView, as: UTF8.self) else {
            throw MultipartError.malformed("a field is not UTF-8")
        }
        guard !text.utf8.contains(0) else { throw MultipartError.malformed("a field has the character U+0000") }
        return text
    }

    /// Writes all bytes that have not been read to a file without a name: see ``UploadedFile``.
    /// - Parameter folder: the folder on whose file system it is; a file is kept there without being copied.
    /// - Throws: ``MultipartError``, or ``UploadError`` if the file cannot be written.
    public func store(in folder: String) async throws -> UploadedFile {
        let writer = UploadWriter(folder: folder)
        while let bytes = try await reader.bytes(of: number) { try await writer.write(bytes) }
        return try await writer.finish(head)
    }
}
