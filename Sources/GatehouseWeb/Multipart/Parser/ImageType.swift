/// A kind of picture that every browser shows, found by a file's first bytes.
///
/// It says how a file begins, and not that it is a picture: only a decoder finds that out. But a file that begins like
/// one and is sent with ``mediaType`` and `X-Content-Type-Options: nosniff` is shown as a picture or not at all.
public enum ImageType: String, Sendable, Hashable, CaseIterable {
    /// PNG (RFC 2083).
    case png
    /// JPEG, in any of its containers.
    case jpeg
    /// GIF 87a and 89a.
    case gif
    /// WebP, lossy or lossless.
    case webp

    /// The media type: `image/png`.
    public var mediaType: String { "image/\(rawValue)" }

    /// The usual extension of a file's name, without its dot: `jpg`.
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    /// The bytes that are looked at.
    static let longestStart = 12

    /// The type of a file that begins with these bytes, of which twelve are looked at; `nil` if it is none of these.
    public init?(startingWith bytes: some Collection<UInt8>) {
        let start = Array(bytes.prefix(Self.longestStart))
        if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if start.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if start.starts(with: Array("GIF87a".utf8)) || start.starts(with: Array("GIF89a".utf8)) {
            self = .gif
        } else if start.count == 12, start.starts(with: Array("RIFF".utf8)), start[8...].elementsEqual("WEBP".utf8) {
            self = .webp
        } else {
            return nil
        }
    }
}
