/// Templates that know each other by name.
struct TemplateSet: Sendable {
    let templates: [String: Template]
    let limits: ViewLimits

    subscript(name: String) -> Template? { templates[name] }

    /// A message about a name that no template has.
    func unknown(_ name: String) -> String {
        let hint = Spelling.nearest(to: name, among: templates.keys).map { ": did you mean “\($0)”?" } ?? ""
        return "there is no template “\(name)”\(hint)"
    }
}

extension TemplateSet {
    /// A template's file before it is parsed.
    struct Source {
        let name: String
        let file: String
        let kind: Template.Kind
        let bytes: [UInt8]
    }

    /// Parses templates and checks them together.
    /// - Throws: all mistakes, by file and line.
    init(_ sources: [Source], functions: [String: ViewFunction], limits: ViewLimits) throws(TemplateProblems) {
        var problems: [ViewProblem] = []
        var templates: [String: Template] = [:]
        for source in sources {
            var parser = TemplateParser(source: source.bytes, functions: functions)
            let template = Template(
                name: source.name, file: source.file, kind: source.kind, source: source.bytes, body: parser.parse())
            problems += parser.problems.map { template.problem(at: $0.offset, $0.message) }
            if let other = templates.updateValue(template, forKey: source.name) {
                problems.append(ViewProblem(file: source.file, "\(other.file) has the same name: “\(source.name)”"))
            }
        }
        self.init(templates: templates, limits: limits)
        problems += PartialCheck.problems(of: self)
        // Templates without an end would be followed without end.
        if problems.isEmpty { problems += EscapingCheck.problems(of: self) }
        guard problems.isEmpty else { throw TemplateProblems(problems: Self.ordered(problems)) }
    }

    private static func ordered(_ problems: [ViewProblem]) -> [ViewProblem] {
        problems.sorted { ($0.file, $0.line, $0.column, $0.message) < ($1.file, $1.line, $1.column, $1.message) }
    }
}

/// All mistakes in some templates.
struct TemplateProblems: Error {
    var problems: [ViewProblem]
}
