import FoundationEssentials

/// A time zone: its differences from UTC, past and to come. Read from the operating system's data (RFC 8536), because
/// FoundationEssentials knows no zones, and the rest of Foundation is large.
struct Zone: Sendable, Equatable {
    /// A change of the difference.
    struct Change: Sendable, Equatable {
        /// Seconds since 1970.
        var moment: Int64
        /// The difference from then on, in seconds.
        var offset: Int64
    }

    /// The changes, in the order of their moments.
    var changes: [Change] = []
    /// The difference before the first change, in seconds.
    var firstOffset: Int64 = 0
    /// The rule for what comes after the last change.
    var rule: ZoneRule?

    static let utc = Zone()

    private static let folders = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"]

    /// A zone by its name: `Europe/Berlin`.
    static func named(_ name: String) throws(ZoneError) -> Zone {
        if name == "UTC" { return .utc }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName =
            name.utf8.count <= 60
            && parts.allSatisfy { part in
                part.first?.isLetter == true
                    && part.utf8.allSatisfy { byte in
                        (48...57).contains(byte) || (65...90).contains(byte & 0xDF) || [43, 45, 95].contains(byte)
                    }
            }
        guard isName else {
            throw ZoneError(description: "\"\(name)\" is no time zone: write for instance Europe/Berlin or UTC")
        }
        for folder in folders {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            guard data.count <= 1 << 20, let zone = ZoneFile(bytes: [UInt8](data)).zone() else {
                throw ZoneError(
                    description: "the time zone \(name): \(folder)/\(name) cannot be read: is it a file of tzdata?")
            }
            return zone
        }
        throw ZoneError(
            description:
                "there is no time zone \(name) in \(folders[0]): is it spelt right, and is the package tzdata there?"
        )
    }

    /// The difference of local time from UTC at a moment, in seconds.
    func offset(at moment: Int64) -> Int64 {
        guard let last = changes.last else { return rule?.offset(at: moment) ?? firstOffset }
        if moment >= last.moment, let rule { return rule.offset(at: moment) }
        var low = 0, high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].moment <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? firstOffset : changes[low - 1].offset
    }

    /// The moments at which clocks show a local time, given in seconds as if it were UTC.
    /// - Parameter goesByHours: `true`: every such moment, of which there may be none or two. `false`: the first one,
    ///   or the change of the clocks that leaves the time out.
    func instants(ofLocal local: Int64, goesByHours: Bool) -> [Int64] {
        let before = offset(at: local - 86_400), after = offset(at: local + 86_400)
        if before == after, offset(at: local - before) == before { return [local - before] }
        var found = [local - before, local - after].filter { $0 + offset(at: $0) == local }.sorted()
        if found.count == 2, found[0] == found[1] { found.removeLast() }
        if goesByHours { return found }
        if let first = found.first { return [first] }
        // Clocks are put forward over it: between the two moments that it would have by either difference.
        var low = min(local - before, local - after), high = max(local - before, local - after)
        let old = offset(at: low)
        while low + 1 < high {
            let middle = low + (high - low) / 2
            if offset(at: middle) == old { low = middle } else { high = middle }
        }
        return [high]
    }

    /// Whether clocks are not changed within a day of a moment.
    func isEven(around moment: Int64) -> Bool {
        offset(at: moment - 90_000) == offset(at: moment + 90_000)
    }
}

/// A zone's name that is none, or that the operating system has no rules for.
struct ZoneError: Error, CustomStringConvertible {
    /// The fault, and what to write or to install.
    let description: String
}

extension Int64 {
    /// The days of a number of seconds, rounded down.
    var flooredDays: Int64 { self >= 0 ? self / 86_400 : -((86_399 - self) / 86_400) }
}
