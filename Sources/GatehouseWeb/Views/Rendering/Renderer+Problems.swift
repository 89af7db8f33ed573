extension Renderer {
    func problem(_ offset: Int, _ message: String) -> ViewProblem {
        scope.template.problem(at: offset, message)
    }

    /// Throws a mistake in the page's values in development and in tests; elsewhere it is kept, to be logged.
    mutating func report(_ offset: Int, _ message: String) throws {
        if isStrict { throw problem(offset, message) }
        note(offset, message)
    }

    /// Keeps something to be logged.
    mutating func note(_ offset: Int, _ message: String) {
        if notes.count < 20 { notes.append(problem(offset, message)) }
    }

    func missingMessage(_ expression: TemplateExpression) -> String {
        switch expression {
        case .name(let name), .path(let name, _): missingMessage(name)
        default: "there is no value"
        }
    }

    private func missingMessage(_ name: String) -> String {
        var names: Set<String> = []
        for case .object(let object) in contexts { names.formUnion(object.names.prefix(200)) }
        let data = names.sorted()
        let nearest = Spelling.nearest(to: name, among: data + globals.names)
        let known = data.prefix(20).joined(separator: ", ") + (data.count > 20 ? ", …" : "")
        let list = data.isEmpty ? "The page has no names here." : "The names here: \(known)."
        let hint = nearest.map { "Did you mean “\($0)”? " } ?? ""
        return "there is no “\(name)”. \(hint)\(list) A name that may be missing: {{default(\(name), \"\")}}"
    }

    func unknownMessage(_ name: String, in place: String, _ value: ViewValue) -> String {
        guard case .object(let object) = value else { return "“\(place)” is \(value.kind) and has no “\(name)”" }
        let hint = Spelling.nearest(to: name, among: object.names).map { " Did you mean “\($0)”?" } ?? ""
        return "“\(place)” has no “\(name)”.\(hint) It has: \(object.names.prefix(20).joined(separator: ", "))"
    }
}

/// The values that every template of a page can name besides the page's own.
protocol ViewGlobalValues {
    /// All names.
    var names: [String] { get }

    /// The value under a name; `nil` if there is no such name.
    mutating func value(under name: String) throws -> ViewValue?
}
