import Gatehouse
import Testing

struct HTTPDateTests {
    @Test func `the three forms of RFC 9110 are the same moment`() {
        let moment = HTTPDate(secondsSince1970: 784_111_777)
        #expect(moment.text == "Sun, 06 Nov 1994 08:49:37 GMT")
        for text in [moment.text, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            #expect(HTTPDate(text) == moment)
        }
    }

    @Test func `every day comes back`() {
        for day in stride(from: Int64(-719_162), through: 2_932_896, by: 97) {
            let moment = HTTPDate(secondsSince1970: day * 86_400 + 86_399)
            #expect(HTTPDate(moment.text) == moment)
        }
    }

    @Test(arguments: [
        "", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 :: GMT",
        String(repeating: "Sun ", count: 100_000),
    ])
    func `what is no date is none`(_ text: String) {
        #expect(HTTPDate(text) == nil)
    }

    @Test func `no number traps`() {
        for seconds in [Int64.min, -1, 0, Int64.max] {
            let moment = HTTPDate(secondsSince1970: seconds)
            #expect(HTTPDate(moment.text) == moment)
        }
    }
}
