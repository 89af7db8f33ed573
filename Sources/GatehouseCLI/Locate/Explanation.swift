/// The explanation of a crash: Swift's reason, the innermost line of a module's source, and all calls.
struct Explanation {
    /// Each begins with "reason:", "place:" or "call:".
    private(set) var lines: [String] = []

    /// The name that the compiler gives to a trap's code, as if it were an inlined function.
    private static let trap = "Swift runtime failure: "

    init(_ addresses: [CrashAddress], calls: (CrashAddress) -> [SourceCall]) {
        var reason: String?
        var place: String?
        var texts: [String] = []
        for address in addresses {
            var found = calls(address)
            for call in found where call.function.hasPrefix(Self.trap) && address.isCrashed {
                reason = reason ?? String(call.function.dropFirst(Self.trap.count))
            }
            found.removeAll { $0.function.hasPrefix(Self.trap) || ($0.function == "??" && !$0.hasPlace) }
            guard !found.isEmpty else {
                texts.append(Self.unlocated(address))
                continue
            }
            for (index, call) in found.enumerated() {
                var call = call
                // If only the line is known, the dynamic linker may know the function.
                let name = call.function == "??" ? address.symbol ?? "" : call.function
                call.function = FunctionName.readable(name)
                if place == nil, call.hasPlace { place = call.description }
                texts.append(call.description + (index < found.count - 1 ? " (inlined)" : ""))
            }
        }
        if let reason { lines.append("reason: \(reason)") }
        if let place { lines.append("place: \(place)") }
        lines += texts.map { "call: \($0)" }
    }

    private static func unlocated(_ address: CrashAddress) -> String {
        guard let symbol = address.symbol else { return address.line }
        return "in \(FunctionName.readable(symbol)) (\(address.file))"
    }
}

/// A function and its line, as the debug information of a module has them.
struct SourceCall: Equatable {
    var function: String
    /// Empty if the compiler made the code by itself.
    var file = ""
    var line = 0

    var hasPlace: Bool { !file.isEmpty && line > 0 }
    /// `in Blog.routes(_:) at Blog/Sources/Blog.swift:12`
    var description: String {
        let words = [function.isEmpty ? "" : "in \(function)", hasPlace ? "at \(file):\(line)" : ""]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

/// One line of a backtrace, as `gatehouse_describe` writes it: `module libBlog.so+0x1f30 $s4Blog…+0x10`.
struct CrashAddress {
    /// The whole line, for the case that it cannot be read.
    let line: String
    var isModule = false
    var file = ""
    var offset: UInt64 = 0
    var symbol: String?
    /// Whether this is the instruction that crashed; the others are return addresses of calls.
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

    /// The address of the call: the instruction before the one that it returns to, which may belong to another line, or
    /// function.
    var lookedUp: UInt64 { isCrashed || offset == 0 ? offset : offset - 1 }
}
