import CGatehouseSystem
import GatehouseWire

/// One loop's part of the scoreboard. Confined to the loop's thread.
package final class LoopRecorder: @unchecked Sendable {
    let cell: UnsafeMutablePointer<gatehouse_loop_cell>
    let activity: LoopActivity
    private let board: UnsafeMutablePointer<gatehouse_scoreboard>
    private let loop: Int32
    /// Slots that have been used and are free; the last is taken first, as its memory is still in the cache.
    private var free: [Int32] = []
    /// Slots that have never been used.
    private var fresh: Range<Int>
    /// The worker's prefix of request ids, with room for the number after it.
    private var ownID: [UInt8]
    private let prefixLength: Int

    init(board: UnsafeMutablePointer<gatehouse_scoreboard>, loop: Int, slots: Range<Int>, activity: LoopActivity) {
        self.activity = activity
        self.board = board
        self.loop = Int32(loop)
        cell = gatehouse_board_loop(board, Int32(loop))
        fresh = slots
        ownID = Array(GatewayRequest.workerPrefix.utf8)
        prefixLength = ownID.count
        ownID += [UInt8](repeating: 0, count: 16)
    }

    // MARK: Slots

    /// Gives the request a slot of its own, until its handler has ended.
    /// - Returns: the slot; -1 if all are taken.
    func take(for request: LiveRequest, _ variables: CGIVariables, number: UInt64, target: String) -> Int32 {
        guard let index = free.popLast() ?? fresh.popFirst().map({ Int32($0) }) else { return -1 }
        let slot = gatehouse_board_slot(board, index)
        var module = request.handlerName
        var target = target
        // Closures within closures, and no function: that would be given its values in memory of its own.
        module.withUTF8 { module in
            target.withUTF8 { target in
                request.parameters.withIdentity(variables) { identity in
                    let path = UnsafeRawBufferPointer(
                        identity.uri.isEmpty ? UnsafeRawBufferPointer(target) : identity.uri)
                    withClient(of: request, variables, unless: !identity.id.isEmpty) { client in
                        withID(identity.id, number) { id in
                            gatehouse_slot_take(
                                slot, loop, request.began, gatehouse_text(id), gatehouse_text(identity.method),
                                gatehouse_text(UnsafeRawBufferPointer(module)), gatehouse_text(path), client)
                        }
                    }
                }
            }
        }
        return index
    }

    func release(_ index: Int32) {
        guard index >= 0 else { return }
        gatehouse_slot_free(gatehouse_board_slot(board, index))
        free.append(index)
    }

    func update(_ request: LiveRequest) {
        guard request.slot >= 0 else { return }
        let state = request.isUnanswered ? GATEHOUSE_SLOT_HANDLING : GATEHOUSE_SLOT_RESPONDING
        gatehouse_slot_progress(
            gatehouse_board_slot(board, request.slot), UInt32(state), UInt64(request.bodyCount),
            UInt64(request.writtenLength))
    }

    /// Calls `body` with the client, by which a request without an id of the front server's is recognised.
    @inline(__always)
    private func withClient(
        of request: LiveRequest, _ variables: CGIVariables, unless isNamed: Bool, _ body: (gatehouse_client) -> Void
    ) {
        if isNamed { return body(gatehouse_client()) }
        request.parameters.withClient(variables) { address, port in
            body(gatehouse_client(address: gatehouse_text(address), port: gatehouse_text(port)))
        }
    }

    /// Calls `body` with the text of `GatewayRequest.requestID`, without making a string.
    @inline(__always)
    private func withID(_ given: UnsafeRawBufferPointer, _ number: UInt64, _ body: (UnsafeRawBufferPointer) -> Void) {
        if !given.isEmpty { return body(given) }
        var digits = max(1, (67 - number.leadingZeroBitCount) / 4)
        let length = prefixLength + digits
        var rest = number
        while digits > 0 {
            digits -= 1
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            ownID[prefixLength + digits] = digit < 10 ? 0x30 + digit : 0x57 + digit
            rest >>= 4
        }
        ownID.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
    }
}
