import GatehousePlan
import Synchronization

/// The keys of a module's settings that somebody has asked for, over all calls.
final class SettingsRecord: Sendable {
    /// The keys of one mapping that were asked for.
    private enum Asked {
        case all
        case keys(Set<String>)
    }

    /// By the path of a mapping.
    private let asked = Mutex<[[String]: Asked]>([:])

    /// The most messages: a file of another module has many keys.
    private static let most = 10

    func open(_ path: [String]) {
        asked.withLock { if $0[path] == nil { $0[path] = .keys([]) } }
    }

    func ask(_ key: String, at path: [String]) {
        asked.withLock { asked in
            guard case .keys(var keys) = asked[path] else { return }
            keys.insert(key)
            asked[path] = .keys(keys)
        }
    }

    func askAll(at path: [String]) { asked.withLock { $0[path] = .all } }

    /// Messages about the keys that nobody has asked for, without their values.
    func unused(in text: String) -> [String] {
        guard let root = try? SettingsValue(json: text) else { return [] }
        var problems: [String] = []
        let asked = asked.withLock { $0 }
        collect(root, [], asked, &problems)
        return Array(problems.prefix(Self.most))
    }

    private func collect(
        _ value: SettingsValue, _ path: [String], _ asked: [[String]: Asked], _ problems: inout [String]
    ) {
        switch value {
        case .list(let elements):
            for (index, element) in elements.enumerated() { collect(element, path + ["[\(index)]"], asked, &problems) }
        case .mapping(let members):
            // A mapping that nobody has opened was taken as a whole, or left alone by its own type.
            guard let known = asked[path] ?? (path.isEmpty ? .keys([]) : nil) else { return }
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                if case .keys(let names) = known, !names.contains(key) {
                    problems.append(Self.problem(key, path, names))
                } else {
                    collect(member, path + [key], asked, &problems)
                }
            }
        default: break
        }
    }

    private static func problem(_ key: String, _ path: [String], _ known: Set<String>) -> String {
        let name = (path + [key]).joined(separator: ".").printable(atMost: 100)
        if let near = NearestName.find(key, among: known.sorted()) {
            return "\(name) means nothing to the module (did you mean \"\(near)\"?)"
        }
        let names = known.sorted().prefix(20).joined(separator: ", ")
        return "\(name) means nothing to the module" + (names.isEmpty ? "" : ": it asks for \(names)")
    }
}
