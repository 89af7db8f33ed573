import Foundation
import Mustache

/// swift-mustache writing the pages of `scripts/bench --views`: mustache-load TEMPLATES PAGE SECONDS
///
/// It takes the same templates as Gatehouse, but that it has no dates and plurals: those come as text.
@main
struct MustacheLoad {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let seconds = Double(words[3]) else { exit(64) }
        var templates: [String: MustacheTemplate] = [:]
        for name in ["layout", "fortunes", "list"] {
            let text = try String(contentsOfFile: "\(words[1])/\(name).html", encoding: .utf8)
                .replacingOccurrences(of: "{{date(created)}}", with: "{{created}}")
                .replacingOccurrences(of: "{{plural(comments, \"comment\", \"comments\")}}", with: "{{word}}")
            templates[name] = try MustacheTemplate(string: text)
        }
        let library = MustacheLibrary(templates: templates)
        let outcome =
            words[2] == "fortunes"
            ? measure(library, "fortunes", FortunesPage(), seconds) : measure(library, "list", ListPage(), seconds)
        print(String(decoding: try JSONEncoder().encode(outcome), as: UTF8.self))
    }

    struct Outcome: Encodable {
        var microseconds: Double
        var page: String
    }

    static func measure(_ library: MustacheLibrary, _ name: String, _ page: Any, _ seconds: Double) -> Outcome {
        let text = library.render(page, withTemplate: name) ?? ""
        for _ in 0..<300 { _ = library.render(page, withTemplate: name) }
        var count = 0
        let start = time()
        var now = start
        while now - start < seconds {
            for _ in 0..<20 { _ = library.render(page, withTemplate: name) }
            count += 20
            now = time()
        }
        return Outcome(microseconds: (now - start) / Double(count) * 1e6, page: text)
    }

    static func time() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

struct FortunesPage {
    struct Row {
        var id: Int
        var message: String
    }

    var heading = "Fortunes"
    var rows = (1...12).map {
        Row(id: $0, message: "<script>alert(\"\($0)\")</script> A computer scientist’s joke & more")
    }
}

struct ListPage {
    struct Row {
        var id: Int
        var title: String
        var text: String
        var created: String
        var comments: Int
        var word: String
    }

    var heading = "Notes"
    var rows = (1...50).map { number in
        let moment = Date(timeIntervalSince1970: 1_790_000_000 + Double(number) * 86_400)
        let format = Date.VerbatimFormatStyle(
            format: "\(day: .defaultDigits) \(month: .wide) \(year: .defaultDigits)", locale: Locale(identifier: "en"),
            timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
        return Row(
            id: number, title: "Note \(number) & its title",
            text: "The quick brown fox jumps over the lazy dog, and the dog does not mind: note \(number).",
            created: moment.formatted(format), comments: number % 3, word: number % 3 == 1 ? "comment" : "comments")
    }
}
