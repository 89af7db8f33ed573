import CGatehouseDatabase
import GatehouseServer

extension MySQLConnection {
    /// Rows that are fetched for nobody, if they have come already, before the statement is given up.
    private static let droppedRows = 100

    /// Fetches the first row.
    func beginRows(_ handle: OpaquePointer) -> Int32? {
        work?.columns = prepared?.names(on: handle) ?? MySQLStatement.names(on: handle)
        step = .fetching
        return gatehouse_mysql_fetch(handle, prepared?.handle)
    }

    /// Gives the row that was fetched and those that have come with it to the sink.
    func push(_ handle: OpaquePointer) -> Int32? {
        guard let columns = work?.columns, let cells = gatehouse_mysql_columns(handle) else {
            lose(DatabaseError(.other, "the result has no columns", statement: work?.sql.written ?? ""))
            return nil
        }
        row.begin(columns, cells)
        let statement = prepared?.handle
        var turn = LoopTurn()
        while true {
            let outcome = gatehouse_mysql_outcome(handle)
            if outcome == GATEHOUSE_MYSQL_END { return resultEnded(handle) }
            if outcome == GATEHOUSE_MYSQL_FAILED { return executionFailed(handle) }
            guard give(row) else { return nil }
            if turn.isOver {
                yield()
                return nil
            }
            let wait = gatehouse_mysql_fetch(handle, statement)
            if wait != 0 {
                if let work, work.isDropping, mayBeAbandoned(work) {
                    abandon()
                    return nil
                }
                return wait
            }
        }
    }

    /// Gives one row to the sink.
    /// - Returns: whether to go on.
    private func give(_ row: MySQLRow) -> Bool {
        guard let work else { return false }
        work.rows += 1
        guard !work.isDropping, let sink = work.sink else { return drop(work) }
        step = .giving
        isResumed = false
        var demand = RowDemand.stop
        do throws(DatabaseError) {
            demand = try sink.take(row)
        } catch {
            work.outcome = .failure(error.of(work.sql))
        }
        // The sink may have closed the connection.
        guard handle != nil, self.work === work else { return false }
        step = .fetching
        switch demand {
        case .more: return true
        case .pause:
            if isResumed { return true }
            step = .paused
            // A watch would report again and again what is not read now.
            detach()
            return false
        case .stop:
            if work.outcome == nil { work.outcome = .success(Changes(rows: work.rows)) }
            work.isDropping = true
            return true
        }
    }

    private func drop(_ work: Work) -> Bool {
        guard work.isDropping else { return true }
        work.dropped += 1
        guard work.dropped > MySQLConnection.droppedRows, mayBeAbandoned(work) else { return true }
        abandon()
        return false
    }

    /// Whether the outcome stays true if the server ends the statement. One that writes would be undone, and so would
    /// the other statements of a batch; the rows of these are read to the last.
    private func mayBeAbandoned(_ work: Work) -> Bool {
        guard prepared?.text.isRead == true else { return false }
        guard work.isInBatch, case .success = work.outcome else { return true }
        return false
    }

    /// Whether the end of the statement decides about its outcome. A sink that has stopped decides only about one that
    /// may be given up.
    func isUndecided(_ work: Work) -> Bool {
        guard let outcome = work.outcome else { return true }
        guard case .success = outcome else { return false }
        return !mayBeAbandoned(work)
    }

    /// Gives up a result whose rest is not small. The server hears of it, and the connection is of no more use.
    private func abandon() {
        isSpent = true
        driver.kill(thread, on: server) { _ in }
        deliverOutcome()
    }

    /// Goes on in the next turn of the loop.
    private func yield() {
        step = .yielding
        loop.run { [self] in goOn() }
    }

    private func goOn() {
        guard step == .yielding, let handle else { return }
        step = .fetching
        proceed(gatehouse_mysql_fetch(handle, prepared?.handle))
    }

    package func resume() {
        switch step {
        case .giving: isResumed = true
        case .paused:
            do throws(WatchError) {
                try attach()
            } catch {
                let statement = work?.sql.written ?? ""
                lose(DatabaseError(.connectionLost(sent: true), error.description, statement: statement))
                return
            }
            yield()
        default: break
        }
    }
}
