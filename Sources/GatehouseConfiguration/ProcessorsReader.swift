internal import Glibc
internal import Yams

/// Reads `cpus: 0-3,6` or `cpus: [0, 1]`
struct ProcessorsReader {
    let report: ProblemReport

    /// The number of bits of a cpu_set_t (sched_setaffinity(2)).
    private static let most = 1_024

    /// In order, each once; `nil`, reported, if they cannot be read.
    func read(_ node: Node) -> [Int]? {
        let reader = ScalarReader(report: report)
        let nodes = node.sequence.map(Array.init) ?? [node]
        if nodes.isEmpty { report.add("\"cpus\" is empty: name at least one processor, from 0 on", at: node) }
        var processors: Set<Int> = []
        for node in nodes {
            guard let text = reader.text(node, "\"cpus\"") else { continue }
            guard let numbers = Self.parse(text) else {
                report.add(
                    "\"cpus\" are numbers and ranges, such as 0-3,6 or [0, 1], not \"\(printable(text))\"", at: node)
                continue
            }
            let present = max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))
            if let beyond = numbers.first(where: { $0 >= present }) {
                report.add("there is no processor \(beyond) on this machine: the last one is \(present - 1)", at: node)
            }
            processors.formUnion(numbers)
        }
        return processors.isEmpty ? nil : processors.sorted()
    }

    private static func parse(_ text: String) -> [Int]? {
        var numbers: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(number)
            guard ends.count <= 2, let low = ends.first ?? nil, let high = ends.last ?? nil, low <= high else {
                return nil
            }
            numbers += low...high
        }
        return numbers
    }

    private static func number(_ text: Substring) -> Int? {
        let digits = text.drop { $0 == " " }
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits), number < most else {
            return nil
        }
        return number
    }
}
