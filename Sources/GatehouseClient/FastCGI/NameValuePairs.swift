/// Name-value pairs as FastCGI 1.0, section 3.4 writes them, read the plain way: for answers to FCGI_GET_VALUES, and to
/// compare other decoders with.
public enum NameValuePairs {
    /// - Throws: where a pair runs past the bytes' end.
    public static func decode(_ content: ArraySlice<UInt8>) throws(ResponseViolation) -> [ClientParameter] {
        var rest = content
        var pairs: [ClientParameter] = []
        while !rest.isEmpty {
            guard let name = length(&rest), let value = length(&rest), name + value <= rest.count else {
                throw ResponseViolation("a name-value pair runs past the end")
            }
            pairs.append(
                ClientParameter(name: Array(rest.prefix(name)), value: Array(rest.dropFirst(name).prefix(value))))
            rest = rest.dropFirst(name + value)
        }
        return pairs
    }

    private static func length(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let first = rest.popFirst() else { return nil }
        guard first & 0x80 != 0 else { return Int(first) }
        guard rest.count >= 3 else { return nil }
        let low = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(3)
        return Int(first & 0x7f) << 24 | low
    }
}
