package import GatehouseWire
package import HTTPTypes

/// Makes the HTTP request for a handler from the variables of the front server.
package enum HTTPRequestBuilder {
    /// - Parameter target: the path as the module sees it, with the query.
    /// - Throws: if HTTP allows no such method.
    package static func make(
        _ cgi: CGIRequest, target: String, parameters: GatewayVariables, names: inout HeaderNameCache
    ) throws(BadRequest) -> HTTPRequest {
        guard let method = HTTPRequest.Method(cgi.method) else {
            throw BadRequest(httpStatus: 400, reason: "the request method is not an HTTP token")
        }
        var fields = HTTPFields()
        // A field has 64 bytes: one more would exceed the kilobyte at which malloc's cache for each thread ends.
        fields.reserveCapacity(15)
        names.beginRequest()
        parameters.forEachHeader { name, value in
            append(name, value, to: &fields, names: &names)
        }
        if let type = cgi.contentType { fields.append(HTTPField(name: .contentType, value: type)) }
        if let length = cgi.contentLength, !fields.contains(where: { $0.name == .transferEncoding }) {
            fields.append(HTTPField(name: .contentLength, value: String(length)))
        }
        return HTTPRequest(
            method: method, scheme: cgi.scheme, authority: cgi.authority, path: target, headerFields: fields)
    }

    /// Appends a header. One that comes in several lines becomes one line (RFC 9110, section 5.3), as in front servers
    /// that join them.
    private static func append(
        _ name: Span<UInt8>, _ value: Span<UInt8>, to fields: inout HTTPFields, names: inout HeaderNameCache
    ) {
        guard let (header, earlier) = names.look(up: name, position: fields.count) else { return }
        let field = header.field(value)
        if let earlier, fields.indices.contains(earlier), fields[earlier].name == field.name {
            let separator = field.name == .cookie ? "; " : ", "
            fields[earlier] = HTTPField(name: field.name, value: fields[earlier].value + separator + field.value)
        } else {
            fields.append(field)
        }
    }
}

/// Remembers the header of each variable's name: `ACCEPT_LANGUAGE` is `accept-language`.
///
/// Making an `HTTPField.Name` costs two strings and a check of every byte; a front server sends the same twenty names
/// with every request. The cache is bounded, because clients choose names.
package struct HeaderNameCache {
    /// The most names, a power of two; further ones evict older ones.
    private static let capacity = 512
    private var slots = [KnownHeader?](repeating: nil, count: Self.capacity)
    private var request: UInt64 = 0

    package init() {}

    /// Starts a new request, in which no header has been seen yet.
    mutating func beginRequest() {
        request &+= 1
    }

    /// The header, and the position at which this request had it before; `nil` if the variable names no header.
    mutating func look(
        up variable: Span<UInt8>, position: Int
    ) -> (header: KnownHeader, earlier: Int?)? {
        let index = Self.hash(variable) & (Self.capacity - 1)
        if let slot = slots[index], slot.isNamed(variable) {
            if slot.seenIn == request { return (slot, slot.position) }
            slot.seenIn = request
            slot.position = position
            return (slot, nil)
        }
        guard let slot = Self.make(variable) else { return nil }
        slot.seenIn = request
        slot.position = position
        slots[index] = slot
        return (slot, nil)
    }

    private static func make(_ variable: Span<UInt8>) -> KnownHeader? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(variable.count)
        var text: [UInt8] = []
        text.reserveCapacity(variable.count)
        for index in variable.indices {
            let byte = variable[index]
            bytes.append(byte)
            switch byte {
            case UInt8(ascii: "_"): text.append(UInt8(ascii: "-"))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): text.append(byte | 0x20)
            default: text.append(byte)
            }
        }
        return HTTPField.Name(String(decoding: text, as: UTF8.self)).map { KnownHeader(variable: bytes, name: $0) }
    }

    /// The FNV-1a hash.
    private static func hash(_ bytes: Span<UInt8>) -> Int {
        var hash: UInt32 = 2_166_136_261
        for index in bytes.indices { hash = (hash ^ UInt32(bytes[index])) &* 16_777_619 }
        return Int(hash ^ (hash >> 16))
    }
}

/// A header that was seen before, and its last value: browsers, crawlers and front servers repeat themselves, and
/// making a field means checking every byte and making a string.
final class KnownHeader {
    private let variable: [UInt8]
    private let name: HTTPField.Name
    /// The request in which this header was last seen.
    var seenIn: UInt64 = 0
    /// The position of the header in that request's fields.
    var position = 0
    private var last: HTTPField
    /// The bytes from which `last` was made.
    private var lastValue: [UInt8] = []
    private let isRemembered: Bool

    /// The longest value that is remembered, in bytes: longer ones mostly belong to one client alone, and there may be
    /// as many values as known headers.
    private static let rememberedLength = 256

    init(variable: [UInt8], name: HTTPField.Name) {
        self.variable = variable
        self.name = name
        last = HTTPField(name: name, value: "")
        // Secrets are not kept beyond their request.
        isRemembered = name != .cookie && name != .authorization && name != .proxyAuthorization
    }

    func isNamed(_ variable: Span<UInt8>) -> Bool {
        variable.withUnsafeBufferPointer { other in
            self.variable.withUnsafeBufferPointer { Self.equal($0, other) }
        }
    }

    /// The header with this value.
    func field(_ value: Span<UInt8>) -> HTTPField {
        value.withUnsafeBufferPointer { bytes in
            if lastValue.withUnsafeBufferPointer({ Self.equal($0, bytes) }) { return last }
            // Nearly all headers are ASCII, and a string that is known to be ASCII is made much faster.
            let field =
                bytes.allSatisfy { $0 < 0x80 }
                ? HTTPField(name: name, value: String(decoding: bytes, as: UTF8.self))
                : HTTPField(name: name, value: bytes)
            if isRemembered, bytes.count <= Self.rememberedLength { remember(field, of: bytes) }
            return field
        }
    }

    private func remember(_ field: HTTPField, of value: UnsafeBufferPointer<UInt8>) {
        last = field
        lastValue.removeAll(keepingCapacity: true)
        lastValue.append(contentsOf: value)
    }

    private static func equal(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        var offset = 0
        let (one, other) = (UnsafeRawBufferPointer(one), UnsafeRawBufferPointer(other))
        while offset <= one.count - 8 {
            if one.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            {
                return false
            }
            offset += 8
        }
        while offset < one.count {
            if one[offset] != other[offset] { return false }
            offset += 1
        }
        return true
    }
}
