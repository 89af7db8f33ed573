/// One line of a backtrace, as `gatehouse_describe` writes it: `module libBlog.so+0x1f30 $s4Blog…+0x10`.
struct CrashAddress {
    /// The whole line, for what cannot be read.
    let line: String
    var isModule = false
    var file = ""
    var offset: UInt64 = 0
    var symbol: String?
    /// Whether this is the instruction that crashed, and not the one to which a call returns.
    let isCrashed: Bool

    init(line: String, isCrashed: Bool) {
        self.line = line
        self.isCrashed = isCrashed
        var rest = line[...]
        if rest.hasPrefix("module ") {
            isModule = true
            rest = rest.dropFirst(7)
        }
        // The symbol has no spaces; a file's name may have some.
        let words = rest.split(separator: " ")
        let place: Substring
        if words.count > 1, let last = words.last, let plus = last.lastIndex(of: "+") {
            symbol = String(last[..<plus])
            place = rest.dropLast(last.count + 1)
        } else {
            place = rest
        }
        guard let plus = place.lastIndex(of: "+"), let offset = UInt64(place[plus...].dropFirst(3), radix: 16) else {
            return
        }
        file = String(place[..<plus])
        self.offset = offset
    }

    /// The call is the instruction before the one that it returns to, which may belong to another line, or function.
    var lookedUp: UInt64 { isCrashed || offset == 0 ? offset : offset - 1 }
}
