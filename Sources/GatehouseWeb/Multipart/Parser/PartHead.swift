/// The header fields of one part, as far as they mean something (RFC 7578, section 4.8: "other header fields MUST be
/// ignored").
package struct PartHead: Sendable, Hashable {
    /// The field's name.
    package var name: String
    /// The file's name as the client sent it; `nil` for a field.
    package var fileName: String?
    /// The claimed Content-Type; `nil` if there is none.
    package var contentType: String?
}

/// The header fields of one part while they arrive, a line at a time.
struct PartHeadReader: Sendable {
    private var disposition: [UInt8]?
    private var contentType: [UInt8]?
    private(set) var count = 0

    /// Takes a line without its CR LF.
    mutating func take(_ line: ArraySlice<UInt8>) throws(MultipartError) {
        count += 1
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(\.isToken)
        else { throw .malformed("a part's header field has no name that is a token, followed by a colon") }
        let value = line[(colon + 1)...].trimmed
        // All other controls are kept out, above all a CR that somebody else may take for a line's end.
        guard !value.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            throw .malformed("a part's header field has a control character")
        }
        switch line[..<colon].map(\.lowercasedASCII) {
        case Array("content-disposition".utf8):
            guard disposition == nil else { throw .malformed("a part has Content-Disposition twice") }
            disposition = Array(value)
        case Array("content-type".utf8):
            guard contentType == nil else { throw .malformed("a part has Content-Type twice") }
            contentType = Array(value)
        case Array("content-transfer-encoding".utf8): try Self.check(encoding: value)
        default: break
        }
    }

    /// Refuses what would have to be decoded: RFC 7578, section 4.7, has no encodings any more, and no browser had any.
    private static func check(encoding: ArraySlice<UInt8>) throws(MultipartError) {
        guard ["7bit", "8bit", "binary"].contains(String(decoding: encoding, as: UTF8.self).lowercased()) else {
            throw .malformed("a part has a Content-Transfer-Encoding: send its bytes as they are")
        }
    }

    /// The head, when all lines have come.
    func head(_ limits: MultipartLimits) throws(MultipartError) -> PartHead {
        guard let disposition else { throw .malformed("a part has no Content-Disposition") }
        let parameters = try HeaderParameters(disposition, of: "Content-Disposition")
        guard parameters.value == "form-data" else {
            throw .malformed("a part's Content-Disposition is not form-data")
        }
        guard let name = parameters["name"] else { throw .malformed("a part has no name") }
        guard name.count <= limits.nameBytes else {
            throw .limit("bytes of a field's name", "nameBytes", \.nameBytes, of: limits, status: 400)
        }
        // `filename*` is not looked at: RFC 7578, section 4.2.
        let head = PartHead(
            name: try Self.text(Self.unescaped(name)),
            fileName: try parameters["filename"].map { bytes throws(MultipartError) in
                try Self.text(Self.unescaped(bytes))
            },
            contentType: try contentType.map(Self.text))
        if head.fileName == nil { try checkField() }
        return head
    }

    /// Refuses a field that is not text in UTF-8: files inside of a field (RFC 7578, section 4.3, ends that), and other
    /// charsets, which would be stored as if they were UTF-8.
    private func checkField() throws(MultipartError) {
        guard let contentType else { return }
        let type = try HeaderParameters(contentType, of: "Content-Type")
        guard !type.value.hasPrefix("multipart/") else {
            throw .malformed("a part is itself \(type.value == "multipart/mixed" ? "multipart/mixed" : "multipart")")
        }
        guard let charset = type["charset"] else { return }
        guard ["utf-8", "us-ascii"].contains(String(decoding: charset, as: UTF8.self).lowercased()) else {
            throw .malformed("a field's charset is not UTF-8")
        }
    }

    private static func text(_ bytes: [UInt8]) throws(MultipartError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed("a part's name, or its type, is not UTF-8")
        }
        return text
    }

    /// A name without the three escapes of browsers (HTML Standard, "multipart/form-data encoding algorithm").
    private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "%")) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count {
                let escaped: UInt8? =
                    switch (bytes[index + 1], bytes[index + 2].lowercasedASCII) {
                    case (UInt8(ascii: "2"), UInt8(ascii: "2")): UInt8(ascii: "\"")
                    case (UInt8(ascii: "0"), UInt8(ascii: "d")): UInt8(ascii: "\r")
                    case (UInt8(ascii: "0"), UInt8(ascii: "a")): UInt8(ascii: "\n")
                    default: nil
                    }
                if let escaped {
                    result.append(escaped)
                    index += 3
                    continue
                }
            }
            result.append(bytes[index])
            index += 1
        }
        return result
    }
}
