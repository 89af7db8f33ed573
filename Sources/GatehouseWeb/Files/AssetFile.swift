import Gatehouse
import NIOCore

/// A file of ``Assets`` as it was when it was read.
final class AssetFile: Sendable {
    /// The path below the folder: `img/logo.svg`.
    let name: String
    /// The absolute path.
    let path: String
    let stamp: FileStamp
    let contentType: String
    /// The hash of the content.
    let etag: ETag
    /// The name with the hash's first eight digits: `img/logo.3f2a9c1b.svg`.
    let fingerprintedName: String
    /// The content, if it is small or has been rewritten; else it is read from the file for each request.
    let content: ByteBuffer?
    /// Compressed copies beside it, the smallest kind first.
    let encodings: [Encoding]

    /// A copy that was compressed before: `app.js.br`.
    struct Encoding: Sendable {
        /// The name in `Content-Encoding`.
        var coding: String
        var path: String
        var stamp: FileStamp
        var content: ByteBuffer?
    }

    init(
        name: String, path: String, stamp: FileStamp, etag: ETag, content: ByteBuffer?, encodings: [Encoding]
    ) {
        self.name = name
        self.path = path
        self.stamp = stamp
        self.etag = etag
        self.content = content
        self.encodings = encodings
        contentType = FileTypes.contentType(of: name)
        fingerprintedName = Self.fingerprinted(name, etag)
    }

    /// The file's size, in bytes, as it is sent.
    var size: Int64 { content.map { Int64($0.readableBytes) } ?? stamp.size }

    private static let digits = 8

    private static func fingerprinted(_ name: String, _ etag: ETag) -> String {
        let start = name.utf8.lastIndex(of: UInt8(ascii: "/")).map { name.utf8.index(after: $0) } ?? name.startIndex
        let dot = name.utf8[start...].lastIndex(of: UInt8(ascii: ".")) ?? name.endIndex
        return "\(name[..<dot]).\(etag.name.prefix(digits))\(name[dot...])"
    }

    /// The name without a fingerprint, if it can have one: the file may be of another version.
    static func plainName(_ name: String) -> String? {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        for place in [parts.count - 2, parts.count - 1] where place > 0 {
            guard parts[place].utf8.count == digits, parts[place].utf8.allSatisfy(isHexDigit) else { continue }
            parts.remove(at: place)
            return parts.joined(separator: ".")
        }
        return nil
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
