@testable import GatehouseWeb
import Testing

struct ServerSentEventTests {
    @Test func `every field has its line`() throws {
        let event = ServerSentEvent("a\nb", event: "note", id: "7", retry: .milliseconds(1500))
        #expect(try event.framed() == "event: note\nid: 7\nretry: 1500\ndata: a\ndata: b\n\n")
        #expect(try ServerSentEvent("").framed() == "data: \n\n")
    }

    /// Row L8 of hostile input: a line begins no field of its own.
    @Test(arguments: [
        ("a\revent: x", "data: a\ndata: event: x\n\n"), ("a\r\nb\n\rc", "data: a\ndata: b\ndata: \ndata: c\n\n"),
        ("a\n\nid: 9", "data: a\ndata: \ndata: id: 9\n\n"), ("\r", "data: \ndata: \n\n"),
    ])
    func `data begins no other field`(_ data: String, _ framed: String) throws {
        #expect(try ServerSentEvent(data).framed() == framed)
    }

    /// Row L8 of hostile input: a line begins no field of its own.
    @Test(arguments: ["a\nb", "a\rb", "a\r\nb", "a\0b"])
    func `a type or an id of two lines is an error`(_ text: String) {
        #expect(throws: ServerSentEvent.Malformed(field: "event")) { try ServerSentEvent("", event: text).framed() }
        #expect(throws: ServerSentEvent.Malformed(field: "id")) { try ServerSentEvent("", id: text).framed() }
    }

    @Test func `no duration traps`() throws {
        for retry in [Duration.seconds(Int64.max), .seconds(-5), .zero] {
            #expect(try ServerSentEvent("", retry: retry).framed().hasPrefix("retry: "))
        }
    }
}
