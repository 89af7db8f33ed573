/// A mistake in a template, or in the values that it was given: the place, the mistake, and the remedy.
public struct ViewProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The template's file below the folder of templates: `users/list.html`; empty if no template is at fault.
    public var file: String
    /// The line, from 1 on; 0 if no template is at fault.
    public var line: Int
    /// The character in that line, from 1 on.
    public var column: Int
    /// The mistake, and how to mend it.
    public var message: String

    /// A problem at a place.
    public init(file: String = "", line: Int = 0, column: Int = 0, _ message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `users/list.html:12:5: …`
    public var description: String {
        file.isEmpty ? message : line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}

/// All mistakes in a folder of templates. A module's `init` lets it through: the worker then logs it and does not
/// start, and a reload is rejected.
public struct ViewsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The folder of templates.
    public var folder: String
    /// The mistakes, by file and line.
    public var problems: [ViewProblem]

    /// One line for each problem.
    public var description: String {
        "templates in \(folder): "
            + (problems.count == 1 ? "\(problems[0])" : problems.map { "\n  \($0)" }.joined())
    }
}
