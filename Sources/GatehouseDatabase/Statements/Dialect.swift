/// The kind of a database. SQL is not translated between them; only placeholders, quotes, lists and what this library
/// sends by itself differ.
public enum Dialect: String, Sendable, CaseIterable {
    /// PostgreSQL, by libpq.
    case postgreSQL
    /// MySQL and MariaDB, by libmariadb.
    case mySQL
    /// SQLite, in the worker's process.
    case sqlite
}
