/// The steps of a name: `items[3].name` is a member, an index and a member. Brackets that hold no index belong to the
/// member's name, and so does everything in one that is deeper than any that is read.
struct FormPath {
    enum Step: Hashable {
        case member(String)
        case index(Int)
    }

    private(set) var steps: [Step] = []

    init(_ name: String) {
        // No type asks for a deeper one, and all rows of it are as long together as its square.
        let marks = name.utf8.count { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") }
        guard marks < FormFields.deepestName else {
            steps = [.member(name)]
            return
        }
        for member in name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            var text = String(Substring(member)), indices: [Step] = []
            while text.utf8.last == UInt8(ascii: "]"), let open = text.lastIndex(of: "["), open > text.startIndex {
                let digits = text[text.index(after: open)...].dropLast()
                guard digits.utf8.count <= 9, let index = Int(digits), "\(index)" == digits else { break }
                indices.append(.index(index))
                text = String(text[..<open])
            }
            steps.append(.member(text))
            steps += indices.reversed()
        }
    }

    /// The name with `[]` for any index.
    var pattern: String { text { _ in "[]" } }

    /// The names of the rows that this is in or is: `items[3]`.
    var rows: [String] {
        steps.indices.filter { if case .index = steps[$0] { true } else { false } }.map { last in
            var row = self
            row.steps = Array(steps[...last])
            return row.text { "[\($0)]" }
        }
    }

    private func text(_ index: (Int) -> String) -> String {
        var text = ""
        for (position, step) in steps.enumerated() {
            switch step {
            case .member(let name): text += position > 0 ? ".\(name)" : name
            case .index(let number): text += index(number)
            }
        }
        return text
    }
}
