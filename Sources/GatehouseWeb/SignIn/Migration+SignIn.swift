public import GatehouseDatabase

extension [Migration] {
    /// The tables of ``RateLimits`` and ``SignInThrottle`` (`gatehouse_rate`), and of ``OneTimeTokens``
    /// (`gatehouse_token`).
    public static var signIn: [Migration] {
        [
            Migration("gatehouse_sign_in_1") { transaction in
                let key = keyType(for: transaction.dialect)
                try await transaction.execute(
                    "CREATE TABLE gatehouse_rate (id \(key) PRIMARY KEY, ends BIGINT NOT NULL)")
                try await transaction.execute("CREATE INDEX gatehouse_rate_ends ON gatehouse_rate (ends)")
                try await transaction.execute(
                    """
                    CREATE TABLE gatehouse_token (
                        id \(key) PRIMARY KEY, owner \(key) NOT NULL, subject VARCHAR(255) NOT NULL,
                        state \(key) NOT NULL, ends BIGINT NOT NULL
                    )
                    """)
                try await transaction.execute("CREATE INDEX gatehouse_token_owner ON gatehouse_token (owner)")
                try await transaction.execute("CREATE INDEX gatehouse_token_ends ON gatehouse_token (ends)")
            }
        ]
    }

    /// The type of a hash in ``Base64URL``, which is compared by its bytes.
    private static func keyType(for dialect: Dialect) -> SQL {
        dialect == .mySQL ? "VARCHAR(43) CHARACTER SET ascii COLLATE ascii_bin" : "VARCHAR(43)"
    }
}
