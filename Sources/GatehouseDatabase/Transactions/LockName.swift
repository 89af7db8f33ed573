import GatehouseSystem

/// The names of locks as servers want them.
enum LockName {
    /// The number of PostgreSQL's advisory lock.
    static func number(of name: String) -> Int64 {
        var hash = StableHash()
        hash.add(name)
        return Int64(bitPattern: hash.value)
    }

    /// The name of MySQL's lock: such names are the server's and not the database's, and have at most 64 characters.
    static func key(of name: String) -> SQL {
        "CONCAT('gatehouse:', MD5(CONCAT(COALESCE(DATABASE(), ''), ':', \(name))))"
    }
}
