import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Testing

/// A route that keeps killing workers, and nothing else, is refused for a while (row E2).
struct QuarantineTests {
    private let route = Quarantine.Route(method: "GET", path: "/report")

    /// Three crashes within 60 s, for 300 s.
    private var quarantine: Quarantine { Quarantine(settings: QuarantineSettings()) }

    @Test func `the third crash within the window holds the route, and says so once`() {
        var quarantine = quarantine
        #expect(quarantine.crashed(route, now: 0) == false)
        #expect(quarantine.crashed(route, now: 30_000) == false)
        #expect(quarantine.held(now: 30_000).isEmpty && quarantine.deadline == nil)
        #expect(quarantine.crashed(route, now: 60_000) == true)
        #expect(quarantine.held(now: 60_000).map(\.crashes) == [3])
        #expect(quarantine.crashed(route, now: 60_001) == false, "what was in flight dies as well")
        #expect(quarantine.deadline == 360_001, "and it begins anew")
    }

    @Test func `crashes that lie further apart hold nothing`() {
        var quarantine = quarantine
        for now in stride(from: 0, to: 600_000, by: 30_001) { #expect(quarantine.crashed(route, now: now) == false) }
    }

    @Test func `another method and another path are other routes`() {
        var quarantine = quarantine
        for (method, path) in [("GET", "/report"), ("POST", "/report"), ("GET", "/reports"), ("GET", "/report")] {
            #expect(quarantine.crashed(Quarantine.Route(method: method, path: path), now: 1) == false)
        }
        #expect(quarantine.crashed(route, now: 1) == true)
    }

    @Test func `it ends by itself, and is counted from the beginning then`() {
        var quarantine = quarantine
        for _ in 0..<3 { _ = quarantine.crashed(route, now: 0) }
        #expect(quarantine.clockAdvanced(now: 299_999).isEmpty)
        #expect(quarantine.clockAdvanced(now: 300_000) == [route])
        #expect(quarantine.deadline == nil)
        #expect(quarantine.crashed(route, now: 300_001) == false)
    }

    @Test func `an operator lets go one route or all, and what is not held is none`() {
        var quarantine = quarantine
        let other = Quarantine.Route(method: "GET", path: "/a")
        for _ in 0..<3 {
            _ = quarantine.crashed(route, now: 0)
            _ = quarantine.crashed(other, now: 0)
        }
        _ = quarantine.crashed(Quarantine.Route(method: "GET", path: "/once"), now: 0)
        #expect(quarantine.release(Quarantine.Route(method: "GET", path: "/once")).isEmpty)
        #expect(quarantine.release(route) == [route])
        #expect(quarantine.release(route).isEmpty)
        #expect(quarantine.release(nil) == [other])
    }

    @Test func `workers are told whole seconds, and never none`() {
        var quarantine = quarantine
        for _ in 0..<3 { _ = quarantine.crashed(route, now: 0) }
        #expect(quarantine.order(now: 0).map(\.retryAfter) == [300])
        #expect(quarantine.order(now: 1).map(\.retryAfter) == [300])
        #expect(quarantine.order(now: 299_001).map(\.retryAfter) == [1])
        #expect(quarantine.order(now: 400_000).map(\.retryAfter) == [1])
    }

    @Test func `off, it holds nothing`() {
        var quarantine = Quarantine(settings: nil)
        for _ in 0..<9 { #expect(quarantine.crashed(route, now: 0) == false) }
        #expect(quarantine.records.isEmpty)
    }

    // MARK: Modules

    @Test func `another build of the module is another beginning, and the same one, copied anew, is not`() {
        var quarantine = quarantine
        for _ in 0..<3 { _ = quarantine.crashed(route, of: 7, now: 0) }
        #expect(quarantine.modulesChanged { _ in 7 }.isEmpty)
        #expect(quarantine.held(now: 0).count == 1)
        #expect(quarantine.order(now: 0, for: { _ in 7 }).count == 1)
        #expect(quarantine.order(now: 0, for: { _ in 8 }).isEmpty, "a worker of the new generation tries it")
        #expect(quarantine.modulesChanged { _ in 8 } == [route])
        #expect(quarantine.records.isEmpty)
    }

    @Test func `crashes of an earlier build do not count, whether they were held or not`() {
        var quarantine = quarantine
        for _ in 0..<2 { _ = quarantine.crashed(route, of: 7, now: 0) }
        #expect(quarantine.crashed(route, of: 8, now: 1) == false)
        #expect(quarantine.modulesChanged { _ in 9 }.isEmpty && quarantine.records.isEmpty)
    }

    @Test func `where the module is not known, time alone ends it`() {
        var quarantine = quarantine
        for _ in 0..<3 { _ = quarantine.crashed(route, now: 0) }
        #expect(quarantine.modulesChanged { _ in 8 }.isEmpty)
        #expect(quarantine.order(now: 0, for: { _ in 8 }).count == 1)
    }

    @Test func `made up paths do not make it grow, nor push out what is held`() {
        var quarantine = quarantine
        for _ in 0..<3 { _ = quarantine.crashed(route, now: 0) }
        for number in 1...3_000 {
            _ = quarantine.crashed(Quarantine.Route(method: "GET", path: "/\(number)"), now: number)
        }
        #expect(quarantine.records.count == 1_000)
        #expect(quarantine.held(now: 3_000).map(\.route) == [route])
        #expect(quarantine.records[Quarantine.Route(method: "GET", path: "/3000")] != nil, "the oldest go")
    }
}
