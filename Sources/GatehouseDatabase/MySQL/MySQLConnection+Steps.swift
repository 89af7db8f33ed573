import CGatehouseDatabase

extension MySQLConnection {
    /// The next step after a call of libmariadb is done.
    /// - Returns: what it waits for; 0 if it is done at once, `nil` if the statement has no next step for now.
    func nextStep() -> Int32? {
        guard let handle, work != nil else { return nil }
        if isCancelled, step == .making || step == .preparing {
            deliver(.failure(.cancelled(work?.sql)))
            return nil
        }
        let failed = gatehouse_mysql_outcome(handle) == GATEHOUSE_MYSQL_FAILED
        switch step {
        case .idle, .giving, .paused, .yielding: return nil
        case .making: return prepare(handle)
        case .preparing: return failed ? preparationFailed(handle) : execute(nil, handle)
        case .executing:
            if failed { return executionFailed(handle) }
            return gatehouse_mysql_column_count(handle) > 0 ? beginRows(handle) : resultEnded(handle)
        case .fetching: return push(handle)
        case .nextResult:
            if failed { return executionFailed(handle) }
            return gatehouse_mysql_column_count(handle) > 0 ? anotherResult(handle) : resultEnded(handle)
        case .asking:
            if failed {
                lostWhileAsking()
                return nil
            }
            return conclude(handle)
        case .closing:
            prepared = nil
            deliverOutcome()
            return nil
        }
    }

    /// Makes room for a new statement and prepares it.
    func make(_ handle: OpaquePointer) -> Int32? {
        step = .making
        guard let oldest = statements.removeOldestIfFull(), let old = oldest.handle else { return prepare(handle) }
        return gatehouse_mysql_statement_close(handle, old)
    }

    private func prepare(_ handle: OpaquePointer) -> Int32? {
        guard let sql = work?.sql else { return nil }
        var text: String
        do throws(DatabaseError) {
            text = try sql.rendered(for: .mySQL).text
        } catch {
            deliver(.failure(error))
            return nil
        }
        let meaning = MySQLStatementText(text)
        if meaning.isControl, sql.values.isEmpty {
            return execute(keep(MySQLStatement(direct: text, meaning)), handle)
        }
        guard let statement = gatehouse_mysql_statement_create(handle) else {
            deliver(.failure(DatabaseError(.other, "there is no memory for a statement", statement: sql.written)))
            return nil
        }
        prepared = MySQLStatement(statement, meaning)
        step = .preparing
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                // An empty statement has no bytes to point at; the server says what is wrong with it.
                guard let start = $0.baseAddress else { return gatehouse_mysql_prepare(handle, statement, "", 0) }
                return gatehouse_mysql_prepare(handle, statement, start, bytes.count)
            }
        }
    }

    private func preparationFailed(_ handle: OpaquePointer) -> Int32? {
        guard let sql = work?.sql, let prepared else { return nil }
        let error = MySQLError(of: handle)
        prepared.free()
        self.prepared = nil
        if error.cannotBePrepared, sql.values.isEmpty, let text = try? sql.rendered(for: .mySQL).text {
            return execute(keep(MySQLStatement(direct: text, prepared.text)), handle)
        }
        let outcome = error.databaseError(.before, statement: sql.written)
        if error.endsConnection || gatehouse_mysql_is_lost(handle) != 0 {
            lose(outcome)
        } else {
            deliver(.failure(outcome))
        }
        return nil
    }

    private func keep(_ statement: MySQLStatement) -> MySQLStatement {
        if driver.settings.preparedStatements, let text = work?.sql.text { statements.insert(statement, for: text) }
        return statement
    }

    /// Executes a known statement, or the one that has been prepared just now.
    func execute(_ known: MySQLStatement?, _ handle: OpaquePointer) -> Int32? {
        guard let work, let statement = known ?? prepared.map(keep) else { return nil }
        prepared = statement
        do throws(DatabaseError) {
            try statement.bind(work.values, of: work.sql)
        } catch {
            work.outcome = .failure(error)
            return conclude(handle)
        }
        if statement.text.taints { isTainted = true }
        step = .executing
        if let statement = statement.handle { return gatehouse_mysql_execute(handle, statement) }
        return statement.directText.withCString { gatehouse_mysql_query(handle, $0, statement.directText.utf8.count) }
    }

    func executionFailed(_ handle: OpaquePointer) -> Int32? {
        guard let work else { return nil }
        let error = MySQLError(of: handle)
        // The outdated statement was not carried out, or it only reads.
        let canRepeat = error.needsPreparation || (error.hasOtherColumns && prepared?.text.isRead == true)
        if canRepeat, !work.isRepeated, work.rows == 0, let old = statements.remove(work.sql.text)?.handle {
            work.isRepeated = true
            prepared = nil
            step = .making
            return gatehouse_mysql_statement_close(handle, old)
        }
        if error.hasOtherColumns { return otherColumns(handle) }
        if error.isReadOnlyServer { isTainted = true }
        let outcome = error.databaseError(.executing, statement: work.sql.written)
        if error.endsConnection || gatehouse_mysql_is_lost(handle) != 0 {
            lose(outcome)
            return nil
        }
        if isUndecided(work) { work.outcome = .failure(outcome) }
        if isCancelled {
            deliverOutcome()
            return nil
        }
        step = .asking
        return gatehouse_mysql_query(handle, "DO 0", 4)
    }

    /// The server has gone after its error, or nobody knows the state of the connection.
    private func lostWhileAsking() {
        guard let work, let outcome = work.outcome else { return }
        guard case .failure(var error) = outcome else {
            isSpent = true
            return deliver(outcome)
        }
        // The statement was ended together with the connection, and not by us.
        if error.kind == .cancelled, !isCancelled { error.kind = .connectionLost(sent: true) }
        lose(error)
    }

    /// The table of a statement that writes and returns rows was changed: it is carried out, and its rows are lost.
    private func otherColumns(_ handle: OpaquePointer) -> Int32? {
        guard let work else { return nil }
        work.outcome = .failure(
            DatabaseError(
                .other,
                "the statement was carried out, but its rows have other columns than before; the next one is right",
                statement: work.sql.written))
        _ = statements.remove(work.sql.text)
        return conclude(handle)
    }

    /// A procedure has returned rows twice.
    private func anotherResult(_ handle: OpaquePointer) -> Int32? {
        guard let work else { return nil }
        isSpent = true
        deliver(
            .failure(
                DatabaseError(
                    .usage, "the procedure returns more than one result; one is all that a statement has",
                    statement: work.sql.written)))
        return nil
    }

    /// A result has ended: reads what a procedure says after it, and is done.
    func resultEnded(_ handle: OpaquePointer) -> Int32? {
        guard let work else { return nil }
        let status = gatehouse_mysql_server_status(handle)
        if status & UInt32(GATEHOUSE_MYSQL_MORE_RESULTS) != 0 {
            step = .nextResult
            return gatehouse_mysql_next_result(handle)
        }
        if isUndecided(work) {
            let changed = work.columns == nil ? Int(clamping: gatehouse_mysql_changed_rows(handle)) : work.rows
            let id = gatehouse_mysql_last_id(handle)
            work.outcome = .success(Changes(rows: changed, lastID: id == 0 ? nil : Int64(truncatingIfNeeded: id)))
        }
        return conclude(handle)
    }

    /// Delivers the outcome, after a statement that is not kept is closed.
    func conclude(_ handle: OpaquePointer) -> Int32? {
        guard let work, let prepared, let statement = prepared.handle else {
            deliverOutcome()
            return nil
        }
        if prepared.isOutdated { _ = statements.remove(work.sql.text) }
        if prepared.isKept {
            deliverOutcome()
            return nil
        }
        step = .closing
        self.prepared = nil
        return gatehouse_mysql_statement_close(handle, statement)
    }

    func deliverOutcome() {
        deliver(work?.outcome ?? .success(Changes()))
    }

    /// The connection is lost or out of step with the server.
    func lose(_ error: DatabaseError) {
        let work = self.work
        self.work = nil
        close()
        step = .idle
        work?.completion(.failure(error))
    }
}
