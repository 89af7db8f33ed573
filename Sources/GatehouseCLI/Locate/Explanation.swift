/// What is said of a crash: Swift's reason, the innermost line of a module's source, and all calls.
struct Explanation {
    /// Begun by "reason:", "place:" or "call:".
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
                // Where only the line is known, the dynamic linker may know the function.
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
