/// One thing that is wrong in a configuration, and where: `gatehouse.yaml:7:11: unknown key "modul"`.
public struct Problem: Equatable, Sendable, CustomStringConvertible {
    /// The file as the operator named it.
    public var file: String
    /// From 1; 0 where the problem is the file as a whole.
    public var line: Int
    public var column: Int
    public var message: String

    public var description: String {
        line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}
