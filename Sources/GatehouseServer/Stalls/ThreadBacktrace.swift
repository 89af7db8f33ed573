import CGatehouseSystem
import Glibc

/// The place in the code at which a thread of this process is. The thread is stopped for a moment, which does not
/// shorten its sleep; if that is not allowed and the thread sleeps, only its system call is known.
enum ThreadBacktrace {
    /// One line for each call, innermost first; those of a module's code begin with "module".
    case frames([String])
    /// The thread sleeps or waits, as the text describes. A signal could find the place in the code, but would cut the
    /// wait short.
    case waits(String)
    case unknown

    private static let depth = 128

    /// - Parameter mayInterrupt: whether a system call of the thread may be cut short, because its caller makes it
    ///   again.
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
        // The text is file+offset, followed by symbol+offset if there is a symbol.
        guard let space = text.lastIndex(of: " "), let plus = text.lastIndex(of: "+"), space < plus else {
            return text
        }
        let symbol = String(text[text.index(after: space)..<plus])
        guard let readable = gatehouse_demangle(symbol, symbol.utf8.count) else { return text }
        defer { free(readable) }
        return text[...space] + String(cString: readable) + text[plus...]
    }
}
