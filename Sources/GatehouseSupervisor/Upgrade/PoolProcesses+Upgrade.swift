import GatehouseConfiguration
import GatehousePlan

extension PoolProcesses {
    /// Goes on with the workers and files that the supervisor before this one left.
    ///
    /// - Parameter new: the pool's configuration now; `nil` if there is none any more. All that is left of the pool
    ///   then is its workers, which finish their requests.
    convenience init(_ left: UpgradeState.Pool, configuration new: PoolConfiguration?) throws(OperatorError) {
        var pool = new ?? PoolConfiguration(name: left.name)
        // If no new worker ever serves, the pool goes on at the endpoints that it had.
        if new != nil, let endpoints = left.endpoints {
            pool.endpoints = endpoints.compactMap { try? Endpoint(parsing: $0) }
        }
        try self.init(pool, modules: ModuleFingerprints(of: pool), balance: left.balance, culprits: left.culprits)
        inherit(generation: left.generationThatServes)
        for connection in left.handedOver ?? [] { handedOver.receive(connection) }
        for worker in left.workers {
            let process = try WorkerProcess(worker.facts, listeners: worker.endpoints)
            process.isReady = true
            process.note(worker.databases ?? [])
            process.note(worker.jobs ?? [])
            workers[process.number] = process
            inherit(generation: process.generation)
        }
        past = left.past ?? past
        lastCrash = left.lastCrash
        quarantine = Quarantine(settings: configuration.quarantine, records: left.quarantine ?? [:])
        for (text, longest) in left.longestQueues ?? [:] {
            if let endpoint = try? Endpoint(parsing: text) { longestQueue[endpoint] = longest }
        }
    }
}
