import GatehouseServer
import Testing

/// The moment at which a loop comes to rest, and its worker gives memory back.
struct RestWatchTests {
    /// The change that a second's ticks show.
    private func second(_ watch: inout RestWatch, work: Int = 0) -> [RestWatch.Change] {
        watch.work += work
        return (0..<10).compactMap { _ in watch.tick() }
    }

    @Test func `a loop that never worked never rests`() {
        var watch = RestWatch()
        #expect(!watch.isAwaited)
        #expect(second(&watch) == [])
        #expect(!watch.isAwaited)
    }

    @Test func `after a burst it rests once, in the first second with little to do`() {
        var watch = RestWatch()
        #expect(second(&watch, work: 1_000) == [.works])
        #expect(second(&watch, work: 17) == [.works])
        #expect(watch.isAwaited)
        #expect(second(&watch, work: 16) == [.cameToRest])
        #expect(second(&watch) == [])
        #expect(!watch.isAwaited)
    }

    @Test func `a single request is work too`() {
        var watch = RestWatch()
        watch.work += 1
        #expect(watch.isAwaited)
        #expect(second(&watch) == [.cameToRest])
        #expect(!watch.isAwaited)
    }
}
