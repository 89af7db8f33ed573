public import GatehouseDatabase

extension [Migration] {
    /// The tables of ``RateLimits`` and ``SignInThrottle`` (`gatehouse_rate`), and of ``OneTimeTokens``
    /// (`gatehouse_token`).
    public static var signIn: [Migration] {
        [
            Migration(
                name: "gatehouse_sign_in_1", sql: [.postgreSQL: standard, .sqlite: standard, .mySQL: mySQL])
        ]
    }

    private static var standard: String {
        """
        CREATE TABLE IF NOT EXISTS gatehouse_rate (id VARCHAR(43) NOT NULL PRIMARY KEY, ends BIGINT NOT NULL);
        CREATE INDEX IF NOT EXISTS gatehouse_rate_ends ON gatehouse_rate (ends);
        CREATE TABLE IF NOT EXISTS gatehouse_token (
            id VARCHAR(43) NOT NULL PRIMARY KEY, owner VARCHAR(43) NOT NULL, subject VARCHAR(255) NOT NULL,
            state VARCHAR(43) NOT NULL, ends BIGINT NOT NULL);
        CREATE INDEX IF NOT EXISTS gatehouse_token_owner ON gatehouse_token (owner);
        CREATE INDEX IF NOT EXISTS gatehouse_token_ends ON gatehouse_token (ends);
        """
    }

    // Hashes in Base64URL are compared by their bytes, and subjects are in any script.
    private static var mySQL: String {
        let hash = "VARCHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL"
        return """
            CREATE TABLE IF NOT EXISTS gatehouse_rate (
                id \(hash) PRIMARY KEY, ends BIGINT NOT NULL, KEY gatehouse_rate_ends (ends)
            ) ENGINE=InnoDB;
            CREATE TABLE IF NOT EXISTS gatehouse_token (
                id \(hash) PRIMARY KEY, owner \(hash),
                subject VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, state \(hash),
                ends BIGINT NOT NULL, KEY gatehouse_token_owner (owner), KEY gatehouse_token_ends (ends)
            ) ENGINE=InnoDB;
            """
    }
}
