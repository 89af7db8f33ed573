import CGatehouseSystem
import Glibc

/// A pool's balance board, on which its workers see each other's connection counts, and this worker's place on it.
///
/// The memory is never unmapped, and every access to it is atomic; hence `@unchecked`.
package struct BalanceBoard: @unchecked Sendable {
    private let board: UnsafeMutablePointer<gatehouse_balance_board>
    private let cell: Int32

    /// - Parameter descriptor: the board's file; it can be closed afterwards.
    /// - Throws: where it cannot be mapped, or has no such cell.
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

    /// The places of the other workers that accept.
    func othersThatAccept() -> [UInt16] {
        [UInt16](unsafeUninitializedCapacity: Int(GATEHOUSE_BALANCE_CELLS)) { cells, count in
            guard let base = cells.baseAddress else { return }
            count = Int(gatehouse_balance_accepting(board, cell, base))
        }
    }

    /// The fewest connections of those workers; `nil` where none of them accepts any more.
    func fewestConnections(of others: [UInt16]) -> Int? {
        let least = gatehouse_balance_least(board, others, Int32(others.count))
        return least == .max ? nil : Int(least)
    }
}
