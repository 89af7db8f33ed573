public import GatehouseDatabase
public import Hummingbird

/// The page that a request asks for by its number: `?page=3`.
public struct PageRequest: Sendable {
    /// The page's number, 1 to `most`.
    public let number: Int

    /// The items of a page.
    public let size: Int

    private let most: Int
    private let name: String
    private let link: QueryLink

    /// Reads the number; what is no number is 1, and what is above `most` is `most`.
    /// - Parameters:
    ///   - request: the request with the number in its query.
    ///   - size: items on a page, at least 1.
    ///   - most: the last page. The database counts through all rows before a page, so a page far behind costs as much
    ///     as the whole list; ``Keyset`` has no such limit.
    ///   - name: the parameter's name.
    public init(_ request: Request, size: Int = 20, most: Int = 500, parameter name: String = "page") {
        let asked = request.uri.queryParameters[name[...]].flatMap { Int($0) } ?? 1
        self.most = max(1, min(most, 1_000_000))
        self.size = max(1, min(size, 10_000))
        self.name = name
        number = max(1, min(asked, self.most))
        link = QueryLink(query: request.uri.query, without: [name])
    }

    /// The part of a statement that chooses the page, and one row more: that says whether there is a next page.
    public var limit: SQL { " LIMIT \(size + 1) OFFSET \((number - 1) * size)" }

    /// The page that the rows of a statement with ``limit`` make.
    public func page<Item: Sendable>(of rows: [Item]) -> Page<Item> {
        Page(
            items: Array(rows.prefix(size)), number: number,
            next: rows.count > size && number < most ? link.link(name, "\(number + 1)") : nil,
            previous: number > 1 ? link.link(name, "\(number - 1)") : nil)
    }
}

extension Queryable {
    /// Reads the page of a list that a request asks for by its number.
    ///
    /// ```swift
    /// let page = try await database.page(
    ///     "SELECT id, title FROM note ORDER BY changed DESC, id DESC", as: Note.self, PageRequest(request))
    /// ```
    ///
    /// Rows that are added or deleted meanwhile move the others: a reader may see one twice, or miss one. ``Keyset``
    /// does not have that fault.
    /// - Parameter sql: a statement with an `ORDER BY` that leaves no two rows equal, and without a limit.
    public func page<Row: Decodable & Sendable>(
        _ sql: SQL, as type: Row.Type = Row.self, _ request: PageRequest
    ) async throws(DatabaseError) -> Page<Row> {
        request.page(of: try await all(sql + request.limit, as: type))
    }
}
