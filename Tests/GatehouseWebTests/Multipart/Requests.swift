import HTTPTypes
import Hummingbird
import NIOCore

/// A request with a form whose body comes in pieces.
func upload(
    _ bytes: [UInt8], pieces: Int = .max, type: String = "multipart/form-data; boundary=b", length: Int? = nil
) -> Request {
    var fields: HTTPFields = [.contentType: type]
    if let length { fields[.contentLength] = "\(length)" }
    return Request(
        head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/", headerFields: fields),
        body: RequestBody(asyncSequence: Pieces(bytes: bytes, length: pieces)))
}

/// Bytes as pieces of one length.
struct Pieces: AsyncSequence, Sendable {
    let bytes: [UInt8]
    let length: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<UInt8>
        let length: Int

        mutating func next() async throws -> ByteBuffer? {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(length) }
            return ByteBuffer(bytes: rest.prefix(length))
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: bytes[...], length: length) }
}
