import FuzzSupport
import GatehouseClient
import GatehouseWire

/// Input: two bytes of status, then texts, each a byte of length and its bytes: the reason, and for each field its name
/// and value.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    for line in [StatusLine.cgi, .http] { check(FuzzInput(start, count), line) }
    return 0
}

/// Writes a head with a status of this form.
private func check(_ input: FuzzInput, _ line: StatusLine) {
    var input = input
    var head: [UInt8] = []
    let status = input.number()
    let reason = text(&input)
    do throws(ResponseHeadError) {
        try ResponseHeadEncoder.appendStatus(status, reason: reason, as: line, to: &head)
    } catch {
        require(head.isEmpty, "a refused status left bytes behind")
        return
    }
    var fields: [ClientHeader] = []
    while !input.isEmpty {
        let name = text(&input)
        let value = text(&input)
        let before = head
        do throws(ResponseHeadError) {
            try ResponseHeadEncoder.appendField(name: name, value: value, to: &head)
            fields.append(ClientHeader(name, value))
        } catch {
            require(head == before, "a refused field left bytes behind")
        }
    }
    ResponseHeadEncoder.appendEnd(to: &head)
    readBack(head, status, fields, line)
}

/// Checks that exactly the fields that went in come out: no further field, no byte of a body.
private func readBack(_ head: [UInt8], _ status: Int, _ fields: [ClientHeader], _ line: StatusLine) {
    guard head.count <= ResponseHeadParser.maximumLength else { return }
    var parser = ResponseHeadParser(takesStatusLine: line == .http)
    guard let (parsed, body) = try? parser.receive(head) else { return require(false, "the head cannot be read") }
    require(body.isEmpty, "\(body.count) bytes of the head are a body")
    require(parsed.status == status, "status \(parsed.status) instead of \(status)")
    require(parsed.headers.map(\.name) == fields.map(\.name), "the fields are others")
    require(zip(parsed.headers, fields).allSatisfy { trimmed($0.value) == trimmed($1.value) }, "the values are others")
}

private func trimmed(_ value: String) -> [UInt8] {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    return Array(value.utf8.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
}

private func text(_ input: inout FuzzInput) -> String {
    let count = Int(input.byte())
    return String(decoding: input.bytes(count), as: UTF8.self)
}

@_cdecl("FuzzResponseHead_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
