import GatehouseConfiguration

extension PoolHost {
    /// For a pool that the supervisor before this one had, and the configuration has no longer.
    convenience init(orphaned left: UpgradeState.Pool) throws(SupervisorError) {
        let pool = PoolConfiguration(name: left.name)
        try self.init(pool, modules: ModuleFingerprints(of: pool), balance: left.balance)
    }

    /// Goes on with what the supervisor before this one has left.
    func takeOver(_ left: UpgradeState.Pool) throws(SupervisorError) {
        prepare(configuration, generation: left.generationThatServes)
        for connection in left.handedOver ?? [] { handedOver.receive(connection) }
        for worker in left.workers {
            let process = try WorkerProcess(worker.facts, listeners: worker.endpoints)
            process.isReady = true
            workers[process.number] = process
            prepare(configuration, generation: process.generation)
        }
        past = left.past ?? past
        lastCrash = left.lastCrash
        quarantine = Quarantine(settings: configuration.quarantine, records: left.quarantine ?? [:])
        for (text, longest) in left.longestQueues ?? [:] {
            if let endpoint = try? Endpoint(parsing: text) { longestQueue[endpoint] = longest }
        }
    }
}
