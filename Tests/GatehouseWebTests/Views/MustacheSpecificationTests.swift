import FoundationEssentials
import Logging
import Testing

@testable import GatehouseWeb

/// The tests of the Mustache specification (`Tests/Oracles/mustache`): all but the lambdas, which would make data into
/// templates.
struct MustacheSpecificationTests {
    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        let template: String
        let expected: String
        let data: JSONValue
        let partials: [String: String]?

        var testDescription: String { name }
    }

    private struct File: Decodable { let tests: [Case] }

    /// JSON as a value of a template.
    struct JSONValue: Decodable {
        let value: ViewValue

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                value = .null
            } else if let bool = try? container.decode(Bool.self) {
                value = .bool(bool)
            } else if let int = try? container.decode(Int.self) {
                value = .int(int)
            } else if let double = try? container.decode(Double.self) {
                value = .double(double)
            } else if let string = try? container.decode(String.self) {
                value = .string(string)
            } else if let list = try? container.decode([JSONValue].self) {
                value = .list(list.map(\.value))
            } else {
                let object = try container.decode([String: JSONValue].self)
                value = .object(ViewObject(object.map { ($0.key, $0.value.value) }))
            }
        }
    }

    static func cases(_ file: String) throws -> [Case] {
        let folder = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Oracles/mustache/"
        let data = try #require(FileManager.default.contents(atPath: folder + file + ".json"))
        return try JSONDecoder().decode(File.self, from: data).tests
    }

    /// Writes a template as the specification wants it: what is missing is empty.
    static func render(_ template: String, _ value: ViewValue, partials: [String: String] = [:]) throws -> String {
        var templates: [String: Template] = [:]
        for (name, text) in partials.merging(["": template], uniquingKeysWith: { $1 }) {
            var parser = TemplateParser(source: Array(text.utf8), functions: [:], isStrict: false)
            let body = parser.parse()
            #expect(parser.problems.isEmpty)
            templates[name] = Template(name: name, file: name, kind: .html, source: Array(text.utf8), body: body)
        }
        let set = TemplateSet(templates: templates, limits: ViewLimits())
        var renderer = Renderer(
            try #require(set[""]), of: set, value: value,
            environment: ViewEnvironment(now: .now, timeZone: .utc, language: .english),
            globals: RequestGlobals(globals: [:], context: nil), isStrict: false)
        _ = try renderer.run(upTo: 1 << 20)
        return String(decoding: renderer.output.take(), as: UTF8.self)
    }

    @Test(arguments: [
        ("comments", 12), ("delimiters", 14), ("interpolation", 42), ("inverted", 22), ("partials", 12),
        ("sections", 34), ("inheritance", 27), ("dynamic-names", 21),
    ])
    func `every test of a part of the specification passes`(file: String, count: Int) throws {
        let cases = try Self.cases(file)
        #expect(cases.count == count)
        for one in cases {
            let written = try Self.render(one.template, one.data.value, partials: one.partials ?? [:])
            #expect(written == one.expected, "\(file): \(one.name)")
        }
    }
}
