import FoundationEssentials

/// The whole way of a template, for the fuzzer: parsed, checked, written, in memory and without a module.
package enum TemplateTrial {
    private struct NoGlobals: ViewGlobalValues {
        var names: [String] { [] }
        func value(under name: String) throws -> ViewValue? { nil }
    }

    private static let value: ViewValue = [
        "a": "<&>\"'", "b": ["a": "inner", "c": [1, 2, 3]], "list": [["a": "1", "list": []], ["a": "2"]], "n": 42,
        "x": "javascript:1", "name": "one", "d": .date(Date(timeIntervalSince1970: 1e9)),
    ]

    /// - Returns: the mistakes that are found at load, or else the one that ends the writing.
    package static func run(_ one: [UInt8], _ other: [UInt8], pageBytes: Int) -> [ViewProblem] {
        var limits = ViewLimits()
        limits.pageBytes = pageBytes
        let sources = [("one", one), ("other", other)].map { name, bytes in
            TemplateSet.Source(name: name, file: "\(name).html", kind: .html, bytes: bytes)
        }
        do {
            let set = try TemplateSet(sources, functions: ViewFunction.library, limits: limits)
            guard let template = set["one"] else { return [] }
            for isStrict in [true, false] {
                var renderer = Renderer(
                    template, of: set, value: value,
                    environment: ViewEnvironment(now: .now, timeZone: .utc, language: .english),
                    globals: NoGlobals(), isStrict: isStrict)
                _ = try renderer.run(upTo: pageBytes)
            }
        } catch let error as TemplateProblems {
            return error.problems
        } catch let error as ViewProblem {
            return [error]
        } catch {
            return []
        }
        return []
    }
}
