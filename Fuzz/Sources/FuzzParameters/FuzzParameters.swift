import FuzzSupport
import GatehouseClient
import GatehouseWire

/// Input: a byte of flags, a byte that gives the length of records, then a PARAMS stream.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let flags = input.byte()
    let cut = Int(input.byte()) + 1
    let stream = Array(input.rest)
    let limits = Limits.fuzzed(small: flags & 1 != 0)
    let whole = observe(stream, cut: 65_535, limits)
    require(observe(stream, cut: cut, limits) == whole, "in records of \(cut) bytes, the parameters are others")
    let names = NameMemory()
    for _ in 1...3 {
        require(observe(stream, cut: cut, limits, names) == whole, "with expected names, the parameters are others")
    }
    guard case .received(let head) = whole.first else { return 0 }
    compare(head.parameters, stream)
    checkRequest(head.parameters)
    return 0
}

private func observe(
    _ stream: [UInt8], cut: Int, _ limits: Limits, _ names: NameMemory? = nil
) -> [Observation] {
    var records: [UInt8] = []
    let encoder = FastCGIRequestEncoder()
    encoder.appendBegin(.responder, keepsConnection: true, to: &records)
    var position = 0
    while position < stream.count {
        let end = min(position + cut, stream.count)
        encoder.appendRecord(4, stream[position..<end], to: &records)
        position = end
    }
    encoder.appendRecord(4, [], to: &records)
    return DripRule.run(
        FastCGIConnection.self, records, limits: limits, splits: [], checked: true, names: names
    ).observations
}

/// Compares the wire's parameters with those of a plain decoder. The last value of a name wins, and a client's `Proxy`
/// header is gone.
private func compare(_ parameters: GatewayVariables, _ stream: [UInt8]) {
    guard let pairs = try? NameValuePairs.decode(stream[...]) else {
        return require(false, "parameters from a stream that is cut within a pair")
    }
    let proxy = Array("http_proxy".utf8)
    var expected: [[UInt8]: [UInt8]] = [:]
    for pair in pairs where pair.name.map({ $0 | 0x20 }) != proxy.map({ $0 | 0x20 }) {
        expected[pair.name] = pair.value
    }
    var got: [[UInt8]: [UInt8]] = [:]
    parameters.forEach { name, value in
        let name = name.withUnsafeBufferPointer { Array($0) }
        guard name.map({ $0 | 0x20 }) != proxy.map({ $0 | 0x20 }) else { return }
        got[name] = value.withUnsafeBufferPointer { Array($0) }
    }
    require(got == expected, "the decoders disagree")
}

private func checkRequest(_ parameters: GatewayVariables) {
    parameters.forEachHeader { name, value in
        let name = String(decoding: name.withUnsafeBufferPointer { Array($0) }, as: UTF8.self)
        require(!["PROXY", "CONTENT_LENGTH", "CONTENT_TYPE", ""].contains(name), "header \(name)")
        require(name.utf8.allSatisfy { 65...90 ~= $0 || 48...57 ~= $0 || $0 == 95 }, "header \(name.debugDescription)")
        let value = value.withUnsafeBufferPointer { Array($0) }
        require(value.allSatisfy { $0 != 0 && $0 != 10 && $0 != 13 }, "a header's value breaks its line")
    }
    guard let request = try? CGIRequest(parameters) else { return }
    require(request.target == "*" || request.target.hasPrefix("/"), "target \(request.target.debugDescription)")
    require(request.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "target \(request.target.debugDescription)")
    require(!request.method.isEmpty, "no method")
    require((request.contentLength ?? 0) >= 0, "content length \(request.contentLength ?? 0)")
}

@_cdecl("FuzzParameters_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
