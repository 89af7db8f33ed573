import CGatehouseSystem
import GatehouseWire
import HTTPTypes

/// Records of the engine's requests, for the scoreboard, the access log and the worker's budget.
extension LoopContext {
    func connectionAccepted() {
        if let recorder { gatehouse_cell_accepted(recorder.cell) }
    }

    func requestBegan() {
        if let recorder { gatehouse_cell_began(recorder.cell) }
        budget?.spend()
    }

    /// The request is over for the peer, which may be gone. Its handler may go on.
    func requestEnded(_ request: LiveRequest) {
        if let recorder {
            gatehouse_cell_ended(
                recorder.cell, UInt64(request.bodyCount), UInt64(request.writtenLength), request.status >= 500 ? 1 : 0)
        }
        guard let accessLog else { return }
        accessLog.add(request, now: now())
        startTicking()
    }

    /// The wire has refused a request: too large, one too many, or in a role that nobody has.
    func requestRefused(_ refusal: Refusal) {
        noteWork()
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
        if !isInternal { noteWork() }
        guard let recorder else { return }
        recorder.release(request.slot)
        request.slot = -1
    }
}
