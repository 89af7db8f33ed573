extension GatewayVariables {
    /// Calls `body` with each HTTP header of the request.
    ///
    /// A header is a parameter whose name is `HTTP_` and then bytes of `[A-Z0-9_]`; `name` is given without the
    /// `HTTP_`. Left out are CONTENT_LENGTH and CONTENT_TYPE, which come as variables of their own (Caddy sends both
    /// forms), PROXY, and values that hold NUL, CR or LF, which no front server can have got over HTTP.
    @inlinable
    public func forEachHeader(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        let all = bytes.span
        for entry in entries {
            // Most variables are no headers, and most of those show it in their first byte.
            guard entry.nameLength > 5, bytes[Int(entry.name)] == UInt8(ascii: "H") else { continue }
            let name = Int(entry.name)
            let value = Int(entry.value)
            let nameBytes = all.extracting(unchecked: name..<name + Int(entry.nameLength))
            let valueBytes = all.extracting(unchecked: value..<value + Int(entry.valueLength))
            guard HeaderBytes.isHeader(nameBytes), !HeaderBytes.hasLineBreak(valueBytes) else { continue }
            body(nameBytes.extracting(unchecked: 5..<nameBytes.count), valueBytes)
        }
    }
}
