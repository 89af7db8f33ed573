import FoundationEssentials
import Logging
import NIOPosix
import Testing

@testable import Gatehouse

/// A module's settings, from JSON to its types. Row K4.
struct SettingsTests {
    private func context(_ settings: String) -> ModuleContext {
        ModuleContext(
            name: "Blog", mountPath: "", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            resourceFolder: "Resources", stateFolder: nil, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            settings: settings, settingsOrigin: "gatehouse.yaml:12")
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ settings: String) throws -> Value {
        try context(settings).settings(type)
    }

    private struct All: Decodable, Equatable {
        enum Level: String, Decodable { case low, high }
        struct Inner: Decodable, Equatable { var name: String, tags: [String]?, next: [Inner]? }
        var flag: Bool, small: Int8, large: UInt64, real: Double, float: Float, level: Level, inner: Inner
        var numbers: [Int], byName: [String: Int], nothing: Int?, null: String?, url: URL, data: Data, decimal: Decimal
        var pair: [[Bool]]
    }

    @Test func `every type is decoded as JSON decodes it`() throws {
        let json = """
            {"flag": true, "small": -128, "large": 18446744073709551615, "real": 1, "float": 0.5, "level": "high",
            "inner": {"name": "schön 🦉", "tags": [], "next": [{"name": ""}]}, "numbers": [1, 2.0], "byName": {"a b": 1},
            "null": null, "url": "https://example.org/a?b", "data": "aGk=", "decimal": 12.5, "pair": [[true], []]}
            """
        let all = try decode(All.self, json)
        #expect(all.large == .max && all.small == -128 && all.real == 1 && all.level == .high && all.numbers == [1, 2])
        #expect(all.inner.next == [All.Inner(name: "", tags: nil, next: nil)] && all.byName == ["a b": 1])
        #expect(all.nothing == nil && all.null == nil && all.data == Data("hi".utf8) && all.decimal == Decimal(12.5))
        #expect(all.url.absoluteString == "https://example.org/a?b" && all.pair == [[true], []])
        #expect(context(json).unusedSettings.isEmpty == false, "nobody has asked for them yet")
    }

    private struct Times: Decodable { var time: Duration, size: ByteCount?, key: Secret? }

    @Test(arguments: [
        ("0s", 0), ("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("30 days", 2_592_000_000),
        ("1 day", 86_400_000), ("7d", 604_800_000), ("1 minute", 60_000), ("90 seconds", 90_000), ("1 hour", 3_600_000),
    ])
    func `a time has a unit`(text: String, milliseconds: Int64) throws {
        #expect(try decode(Times.self, #"{"time": "\#(text)"}"#).time == .milliseconds(milliseconds))
    }

    @Test func `a size has a unit`() throws {
        let times = try decode(Times.self, #"{"time": "1s", "size": "10 MiB"}"#)
        #expect(times.size == ByteCount(bytes: 10 << 20))
    }

    private func problem<Value: Decodable>(_ type: Value.Type, _ json: String) -> String {
        do {
            _ = try decode(type, json)
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("{}", "time is missing"), (#"{"time": 30}"#, "time: it is a time with a unit: write for instance 30s"),
        (#"{"time": "soon"}"#, "time: \"soon\" is not a number with a unit"),
        (#"{"time": null}"#, "time: it is a time"),
        (#"{"time": "off"}"#, "time: \"off\" is not a number"), (#"{"time": "-1s"}"#, "time: \"-1s\" is not a number"),
        (#"{"time": "99999999999999999d"}"#, "time: 99999999999999999d is too large"),
        (#"{"time": "1s", "size": 5}"#, "size: it is a number with a unit"),
        (#"{"time": "1s", "size": "5 apples"}"#, "size: \"apples\" is not a unit"),
        (#"{"time": "1s", "key": ""}"#, "key: the secret is empty"),
        (#"{"time": "1s", "key": 12345}"#, "key must be text"),
        ("[]", "the whole must be a mapping"),
    ])
    func `a wrong setting is named, with its place`(json: String, message: String) {
        let text = problem(Times.self, json)
        #expect(text.hasPrefix("gatehouse.yaml:12: settings of Blog: \(message)"), "\(text)")
        #expect(!text.contains("12345"))
    }

    @Test func `a number that does not fit is named`() {
        struct Small: Decodable { var port: UInt16, list: [Int]? }
        #expect(problem(Small.self, #"{"port": 70000}"#).hasSuffix("port: it must be a whole number from 0 to 65535"))
        #expect(problem(Small.self, #"{"port": 1.5}"#).contains("port"))
        #expect(problem(Small.self, #"{"port": "80"}"#).hasSuffix("port must be a whole number"))
        #expect(problem(Small.self, #"{"port": 80, "list": [1, "x"]}"#).hasSuffix("list.[1] must be a whole number"))
        #expect(problem(Small.self, #"{"port": 80, "list": 5}"#).hasSuffix("list must be a list"))
    }

    @Test func `a secret is printed nowhere`() throws {
        let times = try decode(Times.self, #"{"time": "1s", "key": "5up3r"}"#)
        let key = try #require(times.key)
        #expect(key.value == "5up3r")
        var dumped = ""
        dump(times, to: &dumped)
        dump(key, to: &dumped)
        let all = "\(key) \(times) \(String(describing: key)) \(String(reflecting: times)) \(dumped) \([key])"
        #expect(!all.contains("5up3r") && all.contains("[secret]"))
    }

    private struct Outer: Decodable {
        struct Server: Decodable { var host: String, port: Int? }
        var title: String?, server: Server?, servers: [Server]?, byName: [String: Int]?
    }

    private func unused(_ json: String) throws -> [String] {
        let context = context(json)
        _ = try context.settings(Outer.self)
        return context.unusedSettings.map(\.problem)
    }

    @Test func `a key that nobody asks for is named, with the one that was meant`() throws {
        #expect(try unused(#"{"titel": "a"}"#) == ["titel means nothing to the module (did you mean \"title\"?)"])
        #expect(
            try unused(#"{"colour": "a"}"#) == [
                "colour means nothing to the module: it asks for byName, server, servers, title"
            ])
        #expect(
            try unused(#"{"server": {"host": "a", "prot": 5}, "servers": [{"host": "a"}, {"host": "b", "hots": 1}]}"#)
                == [
                    "server.prot means nothing to the module (did you mean \"port\"?)",
                    "servers.[1].hots means nothing to the module (did you mean \"host\"?)",
                ])
        #expect(try unused(#"{"title": "a", "byName": {"anything": 1}}"#).isEmpty)
        #expect(try unused("{}").isEmpty)
        #expect(try unused(#"{"a\nb": 1}"#).first?.hasPrefix(#"a\nb means"#) == true)
        let many = (0..<100).map { "\"k\($0)\": \"s3cret\"" }.joined(separator: ",")
        #expect(try unused("{\(many)}").count == 10)
        #expect(try !unused("{\(many)}").joined().contains("s3cret"))
    }

    @Test func `keys that another call asks for are known`() throws {
        struct Other: Decodable { var colour: String }
        let context = context(#"{"title": "a", "colour": "red"}"#)
        _ = try context.settings(Outer.self)
        #expect(context.unusedSettings.count == 1)
        _ = try context.settings(Other.self)
        #expect(context.unusedSettings.isEmpty)
    }

    @Test func `text that is no JSON is an error`() {
        #expect(problem(Outer.self, "{").hasPrefix("gatehouse.yaml:12: settings of Blog: "))
        #expect(problem(Outer.self, String(repeating: "[", count: 100_000)).hasPrefix("gatehouse.yaml:12: "))
    }
}
