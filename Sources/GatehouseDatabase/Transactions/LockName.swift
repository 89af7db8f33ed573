import GatehouseSystem

/// The name of a lock, as servers want it.
enum LockName {
    /// The lock of all modules' migrations, which may touch the same tables.
    case migrations
    /// A lock of a module's own.
    case own(String)

    private var text: String {
        switch self {
        case .migrations: "migrations"
        // No name that a module chooses is the migrations'.
        case .own(let name): "own " + name
        }
    }

    /// The number of PostgreSQL's advisory lock.
    var number: Int64 {
        var hash = StableHash()
        hash.add(text)
        return Int64(bitPattern: hash.value)
    }

    /// The name of MySQL's lock: such names are the server's and not the database's, and have at most 64 characters.
    var key: SQL {
        "CONCAT('gatehouse:', MD5(CONCAT(COALESCE(DATABASE(), ''), ':', \(text))))"
    }
}
