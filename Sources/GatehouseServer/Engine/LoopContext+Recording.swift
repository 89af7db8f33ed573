import CGatehouseSystem
import GatehouseWire
import HTTPTypes

/// What the engine says of its requests, for the scoreboard and the access log. Little or nothing where there is
/// neither.
extension LoopContext {
    func connectionAccepted() {
        if let recorder { gatehouse_cell_accepted(recorder.cell) }
    }

    func requestBegan() {
        if let recorder { gatehouse_cell_began(recorder.cell) }
        budget?.spend()
    }

    /// The peer has the end of the request, or is gone. Its handler may go on.
    func requestEnded(_ request: LiveRequest) {
        if let recorder {
            gatehouse_cell_ended(
                recorder.cell, UInt64(request.bodyCount), UInt64(request.writtenLength), request.status >= 500 ? 1 : 0)
        }
        accessLog?.add(request, now: now())
    }

    /// A request that never was one: too large, overloaded, or in a role that nobody has.
    func requestRefused(_ refusal: Refusal) {
        rest.work &+= 1
        let status = refusal.httpStatus ?? 500
        if let recorder {
            gatehouse_cell_began(recorder.cell)
            gatehouse_cell_ended(recorder.cell, 0, 0, status >= 500 ? 1 : 0)
        }
        budget?.spend()
        accessLog?.add(refusedWith: status)
    }

    /// The handler of the request, and what it left for afterwards, has ended.
    func handlerLeft(_ request: LiveRequest, isInternal: Bool) {
        tasksInFlight -= 1
        if !isInternal {
            rest.work &+= 1
            // What it held can be given back too, although its connection is long gone.
            if members.isEmpty { startTicking() }
        }
        guard let recorder else { return }
        recorder.release(request.slot)
        request.slot = -1
    }
}
