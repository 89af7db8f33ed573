extension MySQLConnection {
    /// Runs the statements one after the other: the protocol has no way to send several at once. Around them are START
    /// TRANSACTION and COMMIT, unless a transaction is open already; then an error leaves that as it is after the
    /// statements before.
    ///
    /// A sink that stops in a batch has the rest of its rows read and dropped, since ending the statement would end the
    /// batch. Once the transaction has begun, no error says that nothing was sent: sinks may have rows, and a statement
    /// that commits by itself, such as CREATE TABLE, may have committed those before it.
    package func start(
        batch: [BatchStatement], completion: @escaping (Result<[Changes], DatabaseError>) -> Void
    ) {
        if state == .inTransaction {
            run(batch[...], after: []) { completion($0.mapError(\.ofBegunBatch)) }
            return
        }
        start("START TRANSACTION", into: nil) { [self] result in
            if case .failure(let error) = result { return completion(.failure(error)) }
            let completion: (Result<[Changes], DatabaseError>) -> Void = {
                completion($0.mapError(\.ofBegunBatch))
            }
            run(batch[...], after: []) { [self] result in
                guard case .failure(let error) = result else { return commit(result, completion) }
                guard state == .inTransaction else { return completion(.failure(error)) }
                start("ROLLBACK", into: nil) { _ in completion(.failure(error)) }
            }
        }
    }

    private func run(
        _ batch: ArraySlice<BatchStatement>, after done: [Changes],
        _ completion: @escaping (Result<[Changes], DatabaseError>) -> Void
    ) {
        guard let next = batch.first else { return completion(.success(done)) }
        start(next.sql, into: next.sink, isInBatch: true) { [self] result in
            do throws(DatabaseError) {
                let changes = try result.get()
                try next.end()
                run(batch.dropFirst(), after: done + [changes], completion)
            } catch {
                completion(.failure(error))
            }
        }
    }

    private func commit(
        _ changes: Result<[Changes], DatabaseError>,
        _ completion: @escaping (Result<[Changes], DatabaseError>) -> Void
    ) {
        start("COMMIT", into: nil) { result in
            switch result {
            case .success: completion(changes)
            case .failure(let error): completion(.failure(error))
            }
        }
    }
}

extension DatabaseError {
    /// The error of a batch some of whose statements have been sent, so that it must not be repeated.
    fileprivate var ofBegunBatch: DatabaseError {
        guard kind == .connectionLost(sent: false) else { return self }
        var error = self
        error.kind = .connectionLost(sent: true)
        return error
    }
}
