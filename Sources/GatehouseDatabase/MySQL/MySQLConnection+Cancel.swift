import GatehouseServer

extension MySQLConnection {
    /// The time after which a statement that has not ended is ended again; twice as long after each time.
    private static let firstRepetition = Duration.milliseconds(50)

    package func cancel() {
        guard handle != nil, !isCancelled else { return }
        isCancelled = true
        isSpent = true
        switch step {
        case .idle: return
        case .paused, .yielding:
            driver.kill(thread, on: server) { _ in }
            deliver(.failure(.cancelled(work?.sql)))
        case .making, .preparing:
            // Nothing is carried out yet, and nothing will be.
            return
        default:
            if let work { kill(work, MySQLConnection.firstRepetition) }
        }
    }

    /// Has the server end a statement. An order that comes before the statement has reached the server has no effect,
    /// so it is given until the statement has ended.
    private func kill(_ work: Work, _ delay: Duration) {
        driver.kill(thread, on: server) { [self, weak work] isKilled in
            loop.run { [self, weak work] in
                guard let work, self.work === work else { return }
                // If the server cannot be asked, closing is all that is left.
                guard isKilled else { return close() }
                loop.after(delay) { [self, weak work] in
                    guard let work, self.work === work else { return }
                    kill(work, min(delay * 2, .seconds(5)))
                }
            }
        }
    }
}
