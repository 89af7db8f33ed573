/// A function and its line, as the debug information of a module has them.
struct SourceCall: Equatable {
    var function: String
    /// Empty where the compiler made the code by itself.
    var file = ""
    var line = 0

    var hasPlace: Bool { !file.isEmpty && line > 0 }
    /// `in Blog.routes(_:) at Blog/Sources/Blog.swift:12`
    var description: String {
        let words = [function.isEmpty ? "" : "in \(function)", hasPlace ? "at \(file):\(line)" : ""]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
