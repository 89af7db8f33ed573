import GatehouseWire
import Testing

/// Rows A12, D1, D2: the heads that a handler may send.
struct ResponseHeadTests {
    @Test func `a head is a status line, fields and an empty line (A12)`() throws {
        var head: [UInt8] = []
        try ResponseHeadEncoder.appendStatus(200, reason: "OK", to: &head)
        try ResponseHeadEncoder.appendField(name: "Content-Type", value: "text/plain", to: &head)
        try ResponseHeadEncoder.appendField(name: "X-Empty", value: "", to: &head)
        try ResponseHeadEncoder.appendField(name: "X-\u{41}9!#$%&'*+-.^_`|~", value: "caf\u{e9}\tx", to: &head)
        ResponseHeadEncoder.appendEnd(to: &head)
        #expect(
            Array(head)
                == Array(
                    "Status: 200 OK\r\nContent-Type: text/plain\r\nX-Empty: \r\n".utf8)
                + Array(
                    "X-A9!#$%&'*+-.^_`|~: caf\u{e9}\tx\r\n\r\n"
                        .utf8))
    }

    @Test(arguments: [200, 204, 299, 304, 404, 500, 599])
    func `a final status is sent`(_ code: Int) throws {
        var head: [UInt8] = []
        try ResponseHeadEncoder.appendStatus(code, reason: "", to: &head)
        #expect(String(decoding: head, as: UTF8.self) == "Status: \(code) Unknown\r\n")
    }

    @Test func `a status line of HTTP has its version, code and reason`() throws {
        var head: [UInt8] = [1]
        try ResponseHeadEncoder.appendStatus(404, reason: "Not Found", as: .http, to: &head)
        try ResponseHeadEncoder.appendStatus(200, reason: "", as: .http, to: &head)
        let expected = "\u{1}HTTP/1.1 404 Not Found\r\nHTTP/1.1 200 Unknown\r\n"
        #expect(String(decoding: head, as: UTF8.self) == expected)
        #expect(throws: ResponseHeadError.self) {
            try ResponseHeadEncoder.appendStatus(200, reason: "a\r\nB: c", as: .http, to: &head)
        }
        #expect(head.count == expected.utf8.count)
    }

    @Test(arguments: [Int.min, -200, 0, 99, 100, 101, 199, 600, 999, 1_200, Int.max])
    func `any other status is refused (D1)`(_ code: Int) {
        var head: [UInt8] = []
        #expect(throws: ResponseHeadError.self) { try ResponseHeadEncoder.appendStatus(code, reason: "OK", to: &head) }
        #expect(head.isEmpty)
    }

    @Test(arguments: ["\r", "\n", "\u{0}", "a\r\nSet-Cookie: b", "a\nb", "a long reason with a \n in it", "12345678\r"])
    func `a line break or NUL is refused in reasons, names and values (D1)`(_ text: String) {
        var head: [UInt8] = [1]
        #expect(throws: ResponseHeadError.self) { try ResponseHeadEncoder.appendStatus(200, reason: text, to: &head) }
        #expect(throws: ResponseHeadError.self) {
            try ResponseHeadEncoder.appendField(name: "X", value: text, to: &head)
        }
        #expect(throws: ResponseHeadError.self) {
            try ResponseHeadEncoder.appendField(name: text, value: "", to: &head)
        }
        #expect(head == [1])
    }

    @Test(arguments: [
        "", "a b", "a:", ":a", "caf\u{e9}", "a(b)", "a/b", "a\u{7f}", "Status", "status", "STATUS", "sTaTuS",
    ])
    func `a name that is no token, or is Status, is refused (D1)`(_ name: String) {
        var head: [UInt8] = []
        let error = #expect(throws: ResponseHeadError.self) {
            try ResponseHeadEncoder.appendField(name: name, value: "x", to: &head)
        }
        #expect(error?.code == .fieldName)
        #expect(head.isEmpty)
    }

    @Test func `names near Status are names like others`() throws {
        var head: [UInt8] = []
        try ResponseHeadEncoder.appendField(name: "Statu", value: "x", to: &head)
        try ResponseHeadEncoder.appendField(name: "X-Status", value: "x", to: &head)
        #expect(String(decoding: head, as: UTF8.self) == "Statu: x\r\nX-Status: x\r\n")
    }
}
