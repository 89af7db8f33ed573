import Gatehouse
import Logging
import TestSupport
import Testing

@testable import GatehouseWeb

/// Templates in files: names, changes in development, faults.
struct TemplateFolderTests {
    private static func views(_ folder: TemporaryFolder, _ mode: ModuleMode) throws -> Views {
        try Views(folder: folder.path, mode: mode, logger: Logger(label: "test"))
    }

    @Test func `a name is a path without its extension, and other files are left alone`() throws {
        let folder = try TemporaryFolder()
        _ = folder.makeFolder("users")
        _ = folder.makeFolder(".git")
        for name in [
            "list.html", "users/list.mustache", "users/mail.txt", "feed.xml", ".list.html.swp", ".git/x.html", "a.md",
        ] {
            try folder.write(Array("{{#x}}{{/x}}".utf8), to: name)
        }
        #expect(try Self.views(folder, .production).names == ["feed.xml", "list", "users/list", "users/mail.txt"])
    }

    @Test func `the kind of file says whether values are escaped`() throws {
        let folder = try TemporaryFolder()
        for name in ["a.html", "a.xml", "a.txt"] { try folder.write(Array("{{x}}".utf8), to: name) }
        let views = try Self.views(folder, .production)
        #expect(try ["a", "a.xml", "a.txt"].map { try views.text($0, ["x": "<"]) } == ["&lt;", "&lt;", "<"])
    }

    @Test func `in development a change is seen, and a mistake until it is mended`() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("1{{x}}".utf8), to: "a.html")
        let (live, fixed) = (try Self.views(folder, .development), try Self.views(folder, .production))
        func text(_ views: Views) throws -> String { try views.text("a", ["x": "y"]) }
        #expect(try text(live) == "1y")
        try folder.write(Array("22{{x}}".utf8), to: "a.html")
        #expect(try text(live) == "22y")
        try folder.write(Array("333{{#x}}".utf8), to: "a.html")
        #expect(throws: ViewsError.self) { try text(live) }
        try folder.write(Array("4444{{x}}".utf8), to: "a.html")
        #expect(try text(live) == "4444y")
        #expect(try text(fixed) == "1y")
    }

    @Test func `the page of a mistake shows its lines, escaped`() throws {
        let problem = ViewProblem(file: "a.html", line: 2, column: 3, "no <name>")
        let source = Array("one\n<b>{{nmae}}\nthree".utf8)
        let page = try #require(MistakePage.html(problem, ["a.html": source]))
        #expect(page.contains("a.html, line 2, column 3") && page.contains("no &lt;name&gt;"))
        #expect(page.contains("1  one\n<mark>2  &lt;b&gt;{{nmae}}</mark>3  three"))
        #expect(MistakePage.html(ViewsError(folder: "x", problems: [problem]), nil) != nil)
        #expect(MistakePage.html(CancellationError(), nil) == nil)
    }

    @Test func `a folder that is not there, and files that are too large or too many, are said`() throws {
        let folder = try TemporaryFolder()
        let missing = #expect(throws: ViewsError.self) {
            try Views(folder: folder.path + "/none", mode: .test, logger: Logger(label: "test"))
        }
        #expect(missing?.description.contains("make Resources/templates") == true)
        for name in ["a.html", "b.html"] { try folder.write(Array("12345".utf8), to: name) }
        var limits = ViewLimits()
        limits.fileBytes = 4
        let large = #expect(throws: ViewsError.self) {
            try Views(folder: folder.path, mode: .test, logger: Logger(label: "test"), limits: limits)
        }
        #expect(large?.problems.map(\.file) == ["a.html", "b.html"])
        limits.files = 1
        #expect(throws: ViewsError.self) {
            try Views(folder: folder.path, mode: .test, logger: Logger(label: "test"), limits: limits)
        }
    }
}
