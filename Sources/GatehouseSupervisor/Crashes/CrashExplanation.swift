internal import GatehousePlan

/// The reason of a crash and its place in the source, as `gatehouse locate` finds them from its addresses.
struct CrashExplanation: Equatable {
    /// Swift's words for a trap, "Index out of range", if the compiler left them.
    private(set) var reason: String?
    /// The innermost line of a module's source: `in Blog.page(_:) at Blog/Sources/Blog.swift:12`.
    private(set) var place: String?
    /// Every call, innermost first.
    private(set) var calls: [String] = []

    private static let longestLine = 1_000
    private static let mostCalls = 400
    /// The most calls that the log shows; the report has them all.
    private static let loggedCalls = 12

    init() {}

    /// Reads the lines that `LocateCommand` writes, each with its key in front. They were made from a worker's words,
    /// so they count as hostile.
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

    /// `Index out of range, in Blog.page(_:) at Blog/Sources/Blog.swift:12`; `nil` if neither is known.
    var summary: String? {
        switch (reason, place) {
        case (let reason?, let place?): "\(reason), \(place)"
        case (let reason?, nil): reason
        case (nil, let place?): place
        case (nil, nil): nil
        }
    }

    /// The calls that led to the place and have a line in a module's source.
    var loggedLines: [String] {
        let located = calls.filter { call in
            call.contains("at ") && call.contains(":") && !(place.map(call.hasPrefix) ?? false)
        }
        return located.prefix(Self.loggedCalls).map { "  \($0)" }
    }
}
