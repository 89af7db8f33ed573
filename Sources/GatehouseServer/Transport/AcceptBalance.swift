import CGatehouseSystem
package import GatehouseSystem
import Glibc
import Synchronization

/// Decides whether one loop accepts another connection now, or leaves it to a loop or a worker that has fewer. Confined
/// to the loop's thread.
///
/// If the workers that share a listening socket took all they could get, kept-alive connections, and with them all the
/// requests to come, would be split as unevenly as the workers happened to wake up.
final class AcceptBalance {
    private let loop: LoopContext
    private let loops: [LoopContext]
    private let count: ConnectionCount
    private let board: BalanceBoard
    /// The cells of the workers that accept: looked up now and then, because most of a board's cells are empty.
    private var others: [UInt16] = []
    private var lastLookUp = Int64.min

    /// Nanoseconds.
    private static let lookUpInterval: Int64 = 10_000_000

    init(_ loop: LoopContext, of loops: [LoopContext], count: ConnectionCount, board: BalanceBoard) {
        self.loop = loop
        self.loops = loops
        self.count = count
        self.board = board
    }

    func allowsMore() -> Bool {
        let now = MonotonicClock.nanoseconds()
        if now - Self.lookUpInterval >= lastLookUp {
            lastLookUp = now
            others = board.othersThatAccept()
        }
        if let least = board.fewestConnections(of: others), Self.isAbove(count.current, least) { return false }
        guard loops.count > 1 else { return true }
        let least = loops.reduce(Int.max) { min($0, $1.connectionCount) }
        return !Self.isAbove(loop.connectionCount, least)
    }

    /// Whether a count is so far above the least that others should go first; a small difference does not matter.
    private static func isAbove(_ own: Int, _ least: Int) -> Bool {
        own > least + 1 + least / 16
    }
}

/// The count of a worker's connections, on all its loops. The pool's other workers can read it on the balance board for
/// as long as this one accepts; then the cell is cleared, and may soon be another worker's.
package final class ConnectionCount: Sendable {
    private struct State {
        var count = 0
        var isAccepting = false
    }

    let board: BalanceBoard?
    // A lock, and not an atomic number: the board must never show an older count than before.
    private let state = Mutex(State())

    package init(board: BalanceBoard? = nil) {
        self.board = board
    }

    package var current: Int { state.withLock { $0.count } }

    func add(_ difference: Int) {
        state.withLock { state in
            state.count += difference
            if state.isAccepting { board?.write(connections: state.count, isAccepting: true) }
        }
    }

    func beginAccepting() {
        state.withLock { state in
            state.isAccepting = true
            board?.write(connections: state.count, isAccepting: true)
        }
    }

    func endAccepting() {
        state.withLock { state in
            guard state.isAccepting else { return }
            state.isAccepting = false
            board?.write(connections: 0, isAccepting: false)
        }
    }
}

/// A pool's balance board, on which its workers see each other's connection counts, and this worker's cell on it.
///
/// The memory is never unmapped, and every access to it is atomic; hence `@unchecked`.
package struct BalanceBoard: @unchecked Sendable {
    private let board: UnsafeMutablePointer<gatehouse_balance_board>
    private let cell: Int32

    /// - Parameter descriptor: the board's file; it can be closed afterwards.
    /// - Throws: if it cannot be mapped, or has no such cell.
    package init(descriptor: Int32, cell: Int) throws(SystemError) {
        guard (0..<Int(GATEHOUSE_BALANCE_CELLS)).contains(cell) else {
            throw SystemError("cell \(cell) of the balance board", EINVAL)
        }
        guard let board = gatehouse_balance_map(descriptor) else { throw SystemError("mapping the balance board") }
        self.board = board
        self.cell = Int32(cell)
    }

    func write(connections: Int, isAccepting: Bool) {
        gatehouse_balance_write(board, cell, UInt32(clamping: connections), isAccepting ? 1 : 0)
    }

    /// The cells of the other workers that accept.
    func othersThatAccept() -> [UInt16] {
        [UInt16](unsafeUninitializedCapacity: Int(GATEHOUSE_BALANCE_CELLS)) { cells, count in
            guard let base = cells.baseAddress else { return }
            count = Int(gatehouse_balance_accepting(board, cell, base))
        }
    }

    /// The fewest connections of those workers; `nil` if none of them accepts any more.
    func fewestConnections(of others: [UInt16]) -> Int? {
        let least = gatehouse_balance_least(board, others, Int32(others.count))
        return least == .max ? nil : Int(least)
    }
}
