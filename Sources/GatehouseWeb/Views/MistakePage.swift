/// The page that an author sees in development in place of one whose template has a mistake.
enum MistakePage {
    /// The lines that are shown before and after the mistake.
    private static let around = 4
    /// The page brings its own style, which the policy of ``SecurityHeaders`` would refuse.
    static let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

    /// - Returns: `nil` for an error that is not about templates.
    static func html(_ error: any Error, _ sources: [String: [UInt8]]?) -> String? {
        let problems: [ViewProblem]
        switch error {
        case let error as ViewProblem: problems = [error]
        case let error as ViewsError: problems = error.problems
        default: return nil
        }
        var html = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>A template has a mistake</title>
            <style>body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}
            pre{background:#f4f4f4;padding:1em;overflow:auto}mark{background:#ffd7d7;display:block}</style>
            <h1>A template has a mistake</h1>

            """
        for problem in problems.prefix(20) {
            html += "<h2>\(escaped(place(problem)))</h2>\n<p>\(escaped(problem.message))</p>\n"
            if let source = sources?[problem.file], problem.line > 0 {
                html += "<pre>\(lines(source, problem.line))</pre>\n"
            }
        }
        return html
    }

    private static func place(_ problem: ViewProblem) -> String {
        guard !problem.file.isEmpty else { return "The page" }
        return problem.line > 0 ? "\(problem.file), line \(problem.line), column \(problem.column)" : problem.file
    }

    private static func lines(_ source: [UInt8], _ line: Int) -> String {
        let lines = source.split(separator: 0x0A, omittingEmptySubsequences: false)
        let shown = max(1, line - around)...max(1, min(lines.count, line + around))
        var html = ""
        for number in shown where number <= lines.count {
            let text = "\(number)  \(String(decoding: lines[number - 1], as: UTF8.self))"
            html += number == line ? "<mark>\(escaped(text))</mark>" : "\(escaped(text))\n"
        }
        return html
    }

    private static func escaped(_ text: String) -> String {
        var output = ViewOutput(capacity: text.utf8.count)
        output.appendEscaped(text)
        return String(decoding: output.bytes, as: UTF8.self)
    }
}
