import GatehouseConfiguration
import GatehousePlan

extension PoolProcesses {
    /// Goes on with what the supervisor before this one has left.
    ///
    /// - Parameter new: what the configuration says now; `nil` where it has the pool no longer. Nothing is left of that
    ///   then but workers that finish what they have.
    convenience init(_ left: UpgradeState.Pool, configuration new: PoolConfiguration?) throws(SupervisorError) {
        var pool = new ?? PoolConfiguration(name: left.name)
        // Should no new worker ever serve, it goes on where it did.
        if new != nil, let endpoints = left.endpoints {
            pool.endpoints = endpoints.compactMap { try? Endpoint(parsing: $0) }
        }
        try self.init(pool, modules: ModuleFingerprints(of: pool), balance: left.balance, culprits: left.culprits)
        inherit(generation: left.generationThatServes)
        for connection in left.handedOver ?? [] { handedOver.receive(connection) }
        for worker in left.workers {
            let process = try WorkerProcess(worker.facts, listeners: worker.endpoints)
            process.isReady = true
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
