extension SQLiteThread {
    /// Runs a statement or a batch that only reads, or passes it on to the writer.
    func read(_ job: SQLiteJob) {
        do throws(DatabaseError) {
            let handle = try opened()
            switch job.work {
            case .statement(let sql, let sink):
                let statement = try handle.prepared(sql)
                try refuseControl(statement, sql)
                guard statement.isReadOnly, !statement.taints else { return file.passOn(job) }
                job.start?.markNow()
                finish(job, .changes(try runLive(statement, sql, sink, on: handle)))
            case .batch(let statements):
                for one in statements {
                    let statement = try handle.prepared(one.sql)
                    try refuseControl(statement, one.sql)
                    guard statement.isReadOnly, !statement.taints else { return file.passOn(job) }
                }
                job.start?.markNow()
                finish(job, .batch(try runLive(statements, on: handle, beginning: "BEGIN")))
            case .lease: break
            }
        } catch {
            finish(job, .failure(error))
        }
    }

    /// Runs one statement whose rows go to their sink at once.
    func runLive(
        _ statement: SQLiteStatement, _ sql: SQL, _ sink: (any RowSink)?, on handle: SQLiteHandle
    ) throws(DatabaseError) -> Changes {
        try timed(statement, limit: file.statementTimeout) { () throws(DatabaseError) in
            guard let sink else { return try handle.run(statement, sql) { () throws(DatabaseError) in true } }
            return try handle.run(statement, sql) { () throws(DatabaseError) in
                // Nobody could resume: a stream has a connection of its own.
                try sink.take(statement.row) != .stop
            }
        }
    }

    /// Runs several statements in one transaction of their own; rows go to their sinks at once.
    func runLive(
        _ statements: [BatchStatement], on handle: SQLiteHandle, beginning: StaticString
    ) throws(DatabaseError) -> [Changes] {
        do throws(DatabaseError) {
            // An interruption may be its outcome even if it has begun.
            try begin(beginning, limit: file.statementTimeout, on: handle)
            var changes: [Changes] = []
            for one in statements {
                let statement = try handle.prepared(one.sql)
                try refuseControl(statement, one.sql)
                changes.append(try runLive(statement, one.sql, one.sink, on: handle))
                try one.end()
            }
            try handle.execute("COMMIT")
            return changes
        } catch {
            rollBack(handle)
            throw error
        }
    }

    /// Refuses to begin or end a transaction by a statement that runs by itself: the connection is everybody's.
    func refuseControl(_ statement: SQLiteStatement, _ sql: SQL) throws(DatabaseError) {
        guard statement.controlsTransaction else { return }
        throw DatabaseError(
            .usage, "a transaction begins and ends with `transaction { … }` or `read { … }`, not with a statement",
            statement: sql.written)
    }
}
