internal import GatehouseSystem
internal import Yams

/// One fault of a configuration, and its place: `gatehouse.yaml:7:11: unknown key "modul"`.
public struct Problem: Equatable, Sendable, CustomStringConvertible {
    /// The file as the operator named it.
    public var file: String
    /// From 1; 0 if the problem is the file as a whole.
    public var line: Int
    public var column: Int
    public var message: String

    public var description: String {
        line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}

/// All faults of a configuration, in the file's order.
public struct ConfigurationError: Error, Equatable {
    public var problems: [Problem]
    /// The modules whose path could be read all the same, so that they can be checked too.
    public var modules: [ConfiguredModule] = []
    /// Whether the file could not be read at all.
    public var isUnreadableFile = false
}

/// Collects the faults of a configuration while it is read, so that all of them are reported at once.
final class ProblemReport {
    let file: String
    private let environment: (String) -> String?
    private(set) var problems: [Problem] = []
    /// The rights with which files that a pool names are read.
    var rights = Rights.own

    /// Whose rights those are.
    enum Rights: Equatable {
        /// This process's own: its user is the pool's.
        case own
        case user(FileRights)
        /// There is no such user, which was reported.
        case unknown
    }

    init(file: String, environment: @escaping (String) -> String?) {
        self.file = file
        self.environment = environment
    }

    /// The folder that relative paths of the file start from, absolute.
    var folder: String {
        guard let slash = file.lastIndex(of: "/") else { return Paths.currentDirectory }
        // Empty for a file in the root: the folder has no slash at its end.
        return slash == file.startIndex ? "" : Paths.absolute(String(file[..<slash]))
    }

    func variable(_ name: String) -> String? { environment(name) }

    func add(_ message: String, at node: Node) {
        add(message, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    }

    func add(_ message: String, line: Int, column: Int) {
        let problem = Problem(file: file, line: line, column: column, message: message)
        // An anchor that is used twice would have the same fault twice.
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// Adds an error of the YAML parser, which stops at the first one.
    func addSyntaxError(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            add("this is not valid YAML: \(problem)", line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
            add(
                "key \(names) is written more than once in the mapping that has it here", line: context.mark.line,
                column: context.mark.column)
        case .reader(let problem, _, _, _):
            add("this is not valid YAML: \(problem)", line: 1, column: 1)
        default:
            add("this is not valid YAML: \(error)", line: 1, column: 1)
        }
    }

    /// In the file's order.
    var sorted: [Problem] {
        problems.enumerated().sorted {
            ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
        }
        .map(\.element)
    }
}
