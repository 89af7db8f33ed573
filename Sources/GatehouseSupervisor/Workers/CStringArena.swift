internal import Glibc

/// Memory in C's own shapes, for the duration of one call.
final class CStringArena {
    private var owned: [UnsafeMutableRawPointer] = []

    deinit { owned.forEach { free($0) } }

    /// The texts with a NULL behind them, as execve(2) wants them.
    func strings(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        array(texts.map { strdup($0) }.map { keep($0) } + [nil])
    }

    func string(_ text: String) -> UnsafeMutablePointer<CChar>? { keep(strdup(text)) }

    func array<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        copy.initialize(from: elements, count: elements.count)
        owned.append(UnsafeMutableRawPointer(copy))
        return copy
    }

    private func keep(_ text: UnsafeMutablePointer<CChar>?) -> UnsafeMutablePointer<CChar>? {
        if let text { owned.append(UnsafeMutableRawPointer(text)) }
        return text
    }
}
