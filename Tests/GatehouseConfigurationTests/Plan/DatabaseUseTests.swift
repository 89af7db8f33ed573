import GatehousePlan
import Testing

/// Looks at databases' connections, as workers report them.
struct DatabaseUseTests {
    @Test func `a report's texts fit a line, and its numbers can be added`() {
        let hostile = DatabaseUse(
            module: "a\nb" + String(repeating: "x", count: 1_000),
            place: "\u{1b}[31m" + String(repeating: "é", count: 500),
            open: .max, idle: .min, waiting: -1, longestWait: .max, limit: .max)
        let bounded = hostile.bounded
        #expect(bounded.module.hasPrefix("a\\nbxxx"))
        #expect(bounded.module.utf8.count <= 110)
        #expect(bounded.place.hasPrefix("\\x1b[31m"))
        #expect(bounded.place.utf8.count <= 420)
        #expect((bounded.idle, bounded.waiting) == (0, 0))
        let totals = DatabaseUse.totals([DatabaseUse](repeating: bounded, count: 100 * DatabaseUse.most))
        #expect(totals.count == 1)
        #expect(totals[0].open > 0)
    }

    @Test func `those of several workers are added up for each module and place`() {
        let uses = [
            DatabaseUse(module: "Blog", place: "a", open: 3, idle: 1, waiting: 2, longestWait: 40, limit: 10),
            DatabaseUse(module: "Shop", place: "a", open: 1, limit: 5),
            DatabaseUse(module: "Blog", place: "a", open: 2, idle: 2, waiting: 1, longestWait: 90, limit: 10),
            DatabaseUse(module: "Blog", place: "b", open: 1, limit: 5),
        ]
        #expect(
            DatabaseUse.totals(uses) == [
                DatabaseUse(module: "Blog", place: "a", open: 5, idle: 3, waiting: 3, longestWait: 90, limit: 20),
                uses[1], uses[3],
            ])
    }
}
