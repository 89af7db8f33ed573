@testable import GatehouseSupervisor
import Testing

/// The choice of a worker for each connection. Descriptors are mere numbers here.
struct HandedOverConnectionsTests {
    private typealias Recipient = HandedOverConnections.Recipient

    private struct Gift: Equatable {
        var connection: Int32
        var worker: Int
        var listener: Int
    }

    private var connections = HandedOverConnections()
    private var gifts: [Gift] = []

    private mutating func receive(_ numbers: ClosedRange<Int32>, on endpoint: String = "a") {
        for number in numbers {
            connections.receive(HandedOverConnections.Connection(descriptor: number, endpoint: endpoint))
        }
    }

    /// - Parameter full: workers that take nothing.
    private mutating func settle(_ recipients: [Recipient], awaited: Set<String> = ["a"], full: Set<Int> = [])
        -> [Int32]
    {
        var given: [Gift] = []
        let settled = connections.settle(recipients, awaited: awaited) { connection, worker, listener in
            guard !full.contains(worker) else { return false }
            given.append(Gift(connection: connection.descriptor, worker: worker, listener: listener))
            return true
        }
        gifts = given
        return settled.map(\.descriptor)
    }

    @Test mutating func `each goes to whoever has the fewest, those that came before it counted`() {
        receive(1...4)
        let recipients = [
            Recipient(number: 7, connections: 2, listeners: ["a"]),
            Recipient(number: 8, connections: 0, listeners: ["a"]),
        ]
        #expect(settle(recipients) == [1, 2, 3, 4])
        #expect(gifts.map(\.worker).sorted() == [7, 8, 8, 8])
        #expect(connections.waiting.isEmpty)
    }

    @Test mutating func `it becomes one of the recipient's own listener for that endpoint`() {
        receive(1...1, on: "a")
        receive(2...2, on: "c")
        let recipients = [
            Recipient(number: 7, connections: 0, listeners: ["c"]),
            Recipient(number: 8, connections: 9, listeners: ["c", "b", "a"]),
        ]
        _ = settle(recipients)
        #expect(gifts == [Gift(connection: 1, worker: 8, listener: 2), Gift(connection: 2, worker: 7, listener: 0)])
    }

    @Test mutating func `where one takes nothing, the next is asked`() {
        receive(1...2)
        let recipients = (7...9).map { Recipient(number: $0, connections: $0, listeners: ["a"]) }
        #expect(settle(recipients, full: [7, 8]) == [1, 2])
        #expect(gifts.map(\.worker) == [9, 9])
    }

    @Test mutating func `if no worker takes it now, it waits, and keeps its turn`() {
        receive(1...2)
        #expect(settle([Recipient(number: 7, connections: 0, listeners: ["a"])], full: [7]).isEmpty)
        #expect(settle([]).isEmpty)
        receive(3...3)
        #expect(settle([Recipient(number: 8, connections: 0, listeners: ["a"])]) == [1, 2, 3])
        #expect(gifts.map(\.connection) == [1, 2, 3])
    }

    @Test mutating func `what no worker will ever take is let go, and what one still takes is not`() {
        receive(1...1, on: "a")
        receive(2...2, on: "b")
        #expect(settle([], awaited: ["a"]) == [2])
        #expect(connections.waiting.map(\.descriptor) == [1])
        // Its endpoint is given up, and an older worker still serves it.
        receive(3...3, on: "b")
        #expect(settle([Recipient(number: 7, connections: 0, listeners: ["b"])], awaited: []) == [1, 3])
        #expect(gifts.map(\.connection) == [3])
        #expect(connections.waiting.isEmpty)
    }

    @Test mutating func `so many wait and no more`() {
        receive(1...Int32(HandedOverConnections.most - 1))
        #expect(!connections.isFull)
        receive(0...0)
        #expect(connections.isFull)
        #expect(settle([], awaited: []).count == HandedOverConnections.most)
        #expect(!connections.isFull)
    }
}
