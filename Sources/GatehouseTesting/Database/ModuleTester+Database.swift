public import GatehouseDatabase

extension ModuleTester {
    /// The database that a module under test gets, whatever its settings say: its `Database` is one of this.
    ///
    /// On a server everything that the module does runs in one transaction, which is rolled back when the test ends, so
    /// tests can run beside each other in one database. A transaction of the module is a savepoint of it. Three things
    /// are different from real life: only one caller at a time gets the connection; a statement that is cancelled runs
    /// to its end on the server; and a notification never arrives, since nothing is committed.
    ///
    /// Migrations are committed, by whichever test is first. On MySQL a change of the schema anywhere else is an error,
    /// because it would commit the test's transaction.
    public struct TestDatabase: Sendable {
        let url: String
        let rollsBack: Bool

        /// A database of a PostgreSQL server that the tests may fill: `postgres:///notes_test?host=/run/postgresql`.
        public static func postgres(url: String) -> TestDatabase { TestDatabase(url: url, rollsBack: true) }

        /// A database of a MySQL or MariaDB server that the tests may fill.
        public static func mysql(url: String) -> TestDatabase { TestDatabase(url: url, rollsBack: true) }

        /// An empty SQLite file, which is removed after the test. Every connection is real, and migrations run each
        /// time.
        public static let sqlite = TestDatabase(url: "sqlite:", rollsBack: false)
    }

    /// The error of a test that looks for a database where there is none.
    public struct NoDatabase: Error, Sendable, Equatable, CustomStringConvertible {
        /// The fault.
        public var description: String

        static let unused = NoDatabase(description: "the module has made no Database in its init")
        static let unnamed = NoDatabase(description: "ModuleTester.run was given no database")
    }

    /// The database as the module sees it, with all that is not committed: for what a test wants to prepare or to know.
    /// - Throws: ``NoDatabase`` if the module uses none, or
    ///   ``run(_:database:fixtures:settings:mountPath:resourceFolder:gatewayProtocol:_:)`` was given none.
    public var database: Database {
        get throws(NoDatabase) {
            guard let tested else { throw .unnamed }
            return try tested.shared(served.context)
        }
    }
}
