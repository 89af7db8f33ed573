/// A look at the connections of one database of a module: in one worker, as that reports it, or in several.
///
/// A worker's report is hostile input: see ``bounded``.
public struct DatabaseUse: Codable, Equatable, Sendable {
    /// The module's name.
    public var module: String
    /// The server and the database, without a password.
    public var place: String
    /// Connections that are open or being opened.
    public var open: Int
    /// Connections that nobody uses.
    public var idle: Int
    /// Callers that wait for a connection.
    public var waiting: Int
    /// The longest time that one of these has waited so far, in milliseconds.
    public var longestWait: Int
    /// The most connections.
    public var limit: Int

    public init(
        module: String, place: String, open: Int = 0, idle: Int = 0, waiting: Int = 0, longestWait: Int = 0,
        limit: Int = 0
    ) {
        self.module = module
        self.place = place
        self.open = open
        self.idle = idle
        self.waiting = waiting
        self.longestWait = longestWait
        self.limit = limit
    }

    /// The most databases of a worker that are looked at.
    public static let most = 32

    /// The same with texts that fit a line, and numbers that can be added without overflow. Bounded again, it stays the
    /// same.
    public var bounded: DatabaseUse {
        func number(_ number: Int) -> Int { max(0, min(number, 1_000_000_000)) }
        // Cut twice, because the escapes of the first time make a text longer.
        func text(_ text: String, _ limit: Int) -> String { text.printable(atMost: limit).printable(atMost: limit) }
        return DatabaseUse(
            module: text(module, 100), place: text(place, 200), open: number(open), idle: number(idle),
            waiting: number(waiting), longestWait: number(longestWait), limit: number(limit))
    }

    /// Those of several workers, for each module and place in the order in which they first appear: counts are added
    /// up, and the longest wait is the longest of all.
    public static func totals(_ uses: some Sequence<DatabaseUse>) -> [DatabaseUse] {
        var totals: [DatabaseUse] = []
        for use in uses {
            if let index = totals.firstIndex(where: { $0.module == use.module && $0.place == use.place }) {
                totals[index].open += use.open
                totals[index].idle += use.idle
                totals[index].waiting += use.waiting
                totals[index].longestWait = max(totals[index].longestWait, use.longestWait)
                totals[index].limit += use.limit
            } else {
                totals.append(use)
            }
        }
        return totals
    }
}
