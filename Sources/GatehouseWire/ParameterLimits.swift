/// The limits that hold for parameters however they are written on the wire. Their excess is the client's doing (long
/// headers, mostly), so the answer is RFC 6585's 431 and the connection lives.
enum ParameterLimits {
    @inline(__always)
    static func check(count: Int, nameLength: Int, valueLength: Int, _ limits: Limits) throws(Refusal) {
        if count <= limits.parameterCount, nameLength <= limits.parameterNameLength,
            valueLength <= limits.parameterValueLength
        {
            return
        }
        throw excess(count: count, nameLength: nameLength, valueLength: valueLength, limits)
    }

    private static func excess(count: Int, nameLength: Int, valueLength: Int, _ limits: Limits) -> Refusal {
        if count > limits.parameterCount {
            return tooLarge("more than \(limits.parameterCount) parameters")
        }
        if nameLength > limits.parameterNameLength {
            return tooLarge("a parameter's name of \(nameLength) bytes, over \(limits.parameterNameLength)")
        }
        return tooLarge("a parameter's value of \(valueLength) bytes, over \(limits.parameterValueLength)")
    }

    /// The most bytes that one request's parameters may take. Positions within them are kept in 32 bits.
    static func bytes(_ limits: Limits) -> Int { min(limits.parameterBytes, Int(Int32.max)) }

    /// The most bytes that the unfinished parameters of one connection may take: at least those of one request.
    static func headBytes(_ limits: Limits) -> Int { max(limits.headBytesPerConnection, bytes(limits)) }

    static func tooLarge(_ reason: String) -> Refusal { Refusal(httpStatus: 431, reason: reason) }
}
