extension MySQLConnection {
    /// Runs the statements one after the other: the protocol has no way to send several at once. Around them are START
    /// TRANSACTION and COMMIT, unless a transaction is open already; then an error leaves that as it is after the
    /// statements before.
    package func start(
        batch: [BatchStatement], completion: @escaping (Result<[Changes], DatabaseError>) -> Void
    ) {
        if state == .inTransaction {
            run(batch[...], after: [], completion)
            return
        }
        start("START TRANSACTION", into: nil) { [self] result in
            if case .failure(let error) = result { return completion(.failure(error)) }
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
        start(next.sql, into: next.sink) { [self] result in
            switch result {
            case .success(let changes): run(batch.dropFirst(), after: done + [changes], completion)
            case .failure(let error): completion(.failure(error))
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
