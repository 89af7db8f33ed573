import CGatehouseSystem
import Glibc

/// Where a thread of this process is. It is stopped for a moment, which no sleep of it notices; where that is not
/// allowed and it sleeps, nothing more than the system call is known.
enum ThreadBacktrace {
    /// One line a call, innermost first; those of a module's code begin with "module".
    case frames([String])
    /// It sleeps or waits, in words, and only a signal that would cut that short could find out where.
    case waits(String)
    case unknown

    private static let depth = 128

    /// - Parameter mayInterrupt: whether a system call of the thread may be cut short, because whoever has made it
    ///   makes it again.
    init(of thread: Int32, mayInterrupt: Bool) {
        var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: Self.depth)
        var systemCall = 0
        let count = gatehouse_trace_thread(
            thread, mayInterrupt ? 1 : 0, &addresses, Int32(Self.depth), &systemCall)
        if count >= 0 {
            self = .frames(addresses[..<Int(count)].map { $0.map { Self.line(for: $0) } ?? "?" })
        } else if systemCall >= 0 {
            let words = gatehouse_system_call_words(systemCall).map { String(cString: $0) }
            self = .waits(words ?? "system call \(systemCall)")
        } else {
            self = .unknown
        }
    }

    private static func line(for address: UnsafeRawPointer) -> String {
        var bytes = [CChar](repeating: 0, count: 4_096)
        let length = gatehouse_describe(address, &bytes, bytes.count)
        let text = String(decoding: bytes[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // File+offset, and symbol+offset where there is one.
        guard let space = text.lastIndex(of: " "), let plus = text.lastIndex(of: "+"), space < plus else {
            return text
        }
        let symbol = String(text[text.index(after: space)..<plus])
        guard let readable = gatehouse_demangle(symbol, symbol.utf8.count) else { return text }
        defer { free(readable) }
        return text[...space] + String(cString: readable) + text[plus...]
    }
}
