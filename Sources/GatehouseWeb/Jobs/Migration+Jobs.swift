public import GatehouseDatabase

extension [Migration] {
    /// The tables of ``Jobs``: `gatehouse_job` and `gatehouse_schedule`. Modules that share a database share them.
    ///
    /// ```swift
    /// try await database.migrate(.jobs + .files(in: context.resourceFolder + "/migrations"))
    /// ```
    public static var jobs: [Migration] {
        [
            Migration(
                name: "gatehouse_jobs_1",
                sql: [.postgreSQL: standard("UUID"), .sqlite: standard("TEXT"), .mySQL: mySQL])
        ]
    }

    private static func standard(_ uuid: String) -> String {
        """
        CREATE TABLE IF NOT EXISTS gatehouse_job (
            id \(uuid) NOT NULL PRIMARY KEY,
            module VARCHAR(100) NOT NULL, queue VARCHAR(100) NOT NULL, kind VARCHAR(100) NOT NULL,
            payload TEXT NOT NULL, unique_key VARCHAR(200),
            state SMALLINT NOT NULL, due BIGINT NOT NULL, lease BIGINT,
            attempts INTEGER NOT NULL, repeats INTEGER NOT NULL, created BIGINT NOT NULL, error TEXT);
        CREATE UNIQUE INDEX IF NOT EXISTS gatehouse_job_unique ON gatehouse_job (module, queue, kind, unique_key);
        CREATE INDEX IF NOT EXISTS gatehouse_job_due ON gatehouse_job (module, queue, state, due);
        CREATE TABLE IF NOT EXISTS gatehouse_schedule (
            module VARCHAR(100) NOT NULL, queue VARCHAR(100) NOT NULL, name VARCHAR(100) NOT NULL,
            spec VARCHAR(300) NOT NULL, due BIGINT NOT NULL, job \(uuid),
            PRIMARY KEY (module, queue, name));
        """
    }

    // Names and keys are compared byte by byte, as the others do.
    private static var mySQL: String {
        """
        CREATE TABLE IF NOT EXISTS gatehouse_job (
            id CHAR(36) NOT NULL PRIMARY KEY,
            module VARCHAR(100) NOT NULL, queue VARCHAR(100) NOT NULL, kind VARCHAR(100) NOT NULL,
            payload MEDIUMTEXT NOT NULL, unique_key VARCHAR(200),
            state SMALLINT NOT NULL, due BIGINT NOT NULL, lease BIGINT,
            attempts INTEGER NOT NULL, repeats INTEGER NOT NULL, created BIGINT NOT NULL, error TEXT,
            UNIQUE KEY gatehouse_job_unique (module, queue, kind, unique_key),
            KEY gatehouse_job_due (module, queue, state, due)
        ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
        CREATE TABLE IF NOT EXISTS gatehouse_schedule (
            module VARCHAR(100) NOT NULL, queue VARCHAR(100) NOT NULL, name VARCHAR(100) NOT NULL,
            spec VARCHAR(300) NOT NULL, due BIGINT NOT NULL, job CHAR(36),
            PRIMARY KEY (module, queue, name)
        ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
        """
    }
}
