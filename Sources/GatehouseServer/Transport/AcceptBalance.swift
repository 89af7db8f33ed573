/// Whether one loop may accept another connection now, or leaves it to a loop or a worker that has fewer. Confined to
/// the loop's thread.
///
/// Two workers that share a listening socket and take what they can get split kept-alive connections, and with them all
/// the requests to come, as unevenly as they happened to wake up.
final class AcceptBalance {
    private let loop: LoopContext
    private let loops: [LoopContext]
    private let count: ConnectionCount
    private let board: BalanceBoard
    /// Where the others' cells are: looked up now and then, because most of a board's cells are empty.
    private var others: [UInt16] = []
    private var lookedAt = Int64.min

    private static let lookUpInterval: Int64 = 10_000_000

    init(_ loop: LoopContext, of loops: [LoopContext], count: ConnectionCount, board: BalanceBoard) {
        self.loop = loop
        self.loops = loops
        self.count = count
        self.board = board
    }

    func allowsMore() -> Bool {
        let now = PollLoop.now()
        if now - Self.lookUpInterval >= lookedAt {
            lookedAt = now
            others = board.othersThatAccept()
        }
        if let least = board.fewestConnections(of: others), Self.isAbove(count.current, least) { return false }
        guard loops.count > 1 else { return true }
        let least = loops.reduce(Int.max) { min($0, $1.connectionCount) }
        return !Self.isAbove(loop.connectionCount, least)
    }

    /// A little more than the least is no reason to hold back.
    private static func isAbove(_ own: Int, _ least: Int) -> Bool {
        own > least + 1 + least / 16
    }
}
