internal import GatehousePlan

/// What `gatehouse locate` makes of a crash's addresses: why, and where in the source.
struct CrashExplanation: Equatable {
    /// Swift's words for a trap, "Index out of range", where the compiler has left them.
    private(set) var reason: String?
    /// The innermost line of a module's source: `in Blog.page(_:) at Blog/Sources/Blog.swift:12`.
    private(set) var place: String?
    /// Every call, innermost first.
    private(set) var calls: [String] = []

    private static let longestLine = 1_000
    private static let mostCalls = 400
    /// So many are for the log; the report has them all.
    private static let loggedCalls = 12

    init() {}

    /// Its lines; each begins with what it is, as `LocateCommand` writes them. What made them had a worker's words to
    /// work with, so they are held for hostile.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = printable(
                String(line[line.index(after: colon)...].drop { $0 == " " }), atMost: Self.longestLine)
            switch line[..<colon] {
            case "reason": reason = value
            case "place": place = value
            case "call" where calls.count < Self.mostCalls: calls.append(value)
            default: break
            }
        }
    }

    /// `Index out of range, in Blog.page(_:) at Blog/Sources/Blog.swift:12`; `nil` where neither is known.
    var summary: String? {
        switch (reason, place) {
        case (let reason?, let place?): "\(reason), \(place)"
        case (let reason?, nil): reason
        case (nil, let place?): place
        case (nil, nil): nil
        }
    }

    /// The calls that led to the place, as far as they have a line in a module's source.
    var loggedLines: [String] {
        let located = calls.filter { call in
            call.contains("at ") && call.contains(":") && !(place.map(call.hasPrefix) ?? false)
        }
        return located.prefix(Self.loggedCalls).map { "  \($0)" }
    }
}
