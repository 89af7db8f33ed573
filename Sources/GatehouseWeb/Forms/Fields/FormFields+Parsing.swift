extension FormFields {
    /// Reads `application/x-www-form-urlencoded`, as a body or a query string has it.
    ///
    /// It does as the URL Standard's parser (section 5.1): `&` separates fields and nothing else does, the first `=`
    /// ends a name, `+` is a space, and a `%` without two digits after it stands for itself. Other than that parser, it
    /// makes no U+FFFD of bytes that are no UTF-8.
    ///
    /// - Throws: ``FormError`` for what is over a limit, no UTF-8, or has U+0000.
    public init(urlEncoded text: some StringProtocol, limits: FormLimits = FormLimits()) throws(FormError) {
        var text = String(text)
        // Typed errors do not pass through `withUTF8`.
        let result = text.withUTF8 { bytes -> Result<FormFields, FormError> in
            do throws(FormError) {
                return .success(try FormFields(urlEncoded: bytes, limits: limits))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads `application/x-www-form-urlencoded` from bytes: see ``init(urlEncoded:limits:)-(StringProtocol,_)``.
    public init(
        urlEncoded bytes: UnsafeBufferPointer<UInt8>, limits: FormLimits = FormLimits()
    ) throws(FormError) {
        self.init()
        guard bytes.count <= limits.bytes else { throw FormError(.tooLarge(limit: limits.bytes)) }
        var scratch: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
            if end > start {
                try append(urlEncodedField: UnsafeBufferPointer(rebasing: bytes[start..<end]), &scratch, limits)
            }
            start = end + 1
        }
    }

    private mutating func append(
        urlEncodedField field: UnsafeBufferPointer<UInt8>, _ scratch: inout [UInt8], _ limits: FormLimits
    ) throws(FormError) {
        let equals = field.firstIndex(of: UInt8(ascii: "=")) ?? field.count
        let name = field[..<equals], value = field[min(equals + 1, field.count)...]
        scratch.removeAll(keepingCapacity: true)
        Self.unescape(name, into: &scratch)
        let nameLength = scratch.count
        Self.unescape(value, into: &scratch)
        let result = scratch.withUnsafeBufferPointer { decoded -> Result<Void, FormError> in
            do throws(FormError) {
                try append(
                    name: UnsafeBufferPointer(rebasing: decoded[..<nameLength]),
                    value: UnsafeBufferPointer(rebasing: decoded[nameLength...]), limits: limits)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Appends bytes with `+` and `%XX` replaced by what they stand for.
    private static func unescape(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, into result: inout [UInt8]) {
        let bytes = UnsafeBufferPointer(rebasing: bytes)
        var index = 0, plain = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "+") || byte == UInt8(ascii: "%") else {
                index += 1
                continue
            }
            result.append(contentsOf: bytes[plain..<index])
            plain = index
            if byte == UInt8(ascii: "+") {
                result.append(UInt8(ascii: " "))
                plain += 1
            } else if index + 2 < bytes.count, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) {
                result.append(high << 4 | low)
                plain += 3
            }
            // A `%` that stands for itself begins the next plain run.
            index = max(plain, index + 1)
        }
        result.append(contentsOf: bytes[plain...])
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The fields as `application/x-www-form-urlencoded`, for a link's query or a request of one's own (URL Standard,
    /// section 5.2).
    public var urlEncoded: String {
        var bytes: [UInt8] = []
        for field in fields {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            Self.escape(field.name, into: &bytes)
            bytes.append(UInt8(ascii: "="))
            Self.escape(field.value, into: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escape(_ text: String, into result: inout [UInt8]) {
        let digits = StaticString("0123456789ABCDEF")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: " "): result.append(UInt8(ascii: "+"))
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                digits.withUTF8Buffer {
                    result.append($0[Int(byte >> 4)])
                    result.append($0[Int(byte & 15)])
                }
            }
        }
    }
}
