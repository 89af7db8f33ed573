import CGatehouseSystem
import Glibc

/// Where a thread of this process is. The thread says so itself, from a signal's handler: nothing is attached to it,
/// and no privilege is needed. A system call that cannot go on after a signal (a sleep, for instance) is cut short by
/// it.
enum ThreadBacktrace {
    private static let depth = 128

    /// One line a call, innermost first; `nil` where the thread did not answer within a second.
    static func lines(of thread: Int32) -> [String]? {
        var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: depth)
        let count = gatehouse_trace_thread(thread, &addresses, Int32(depth))
        guard count >= 0 else { return nil }
        return addresses[..<Int(count)].map { $0.map { line(for: $0) } ?? "?" }
    }

    private static func line(for address: UnsafeRawPointer) -> String {
        var bytes = [CChar](repeating: 0, count: 4_096)
        let length = gatehouse_describe(address, &bytes, bytes.count)
        let text = String(decoding: bytes[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // File+offset, and symbol+offset where there is one.
        guard let space = text.firstIndex(of: " "), let plus = text.lastIndex(of: "+"), space < plus else {
            return text
        }
        let symbol = String(text[text.index(after: space)..<plus])
        guard let readable = gatehouse_demangle(symbol, symbol.utf8.count) else { return text }
        defer { free(readable) }
        return text[...space] + String(cString: readable) + text[plus...]
    }
}
