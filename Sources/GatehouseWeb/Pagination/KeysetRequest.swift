public import GatehouseDatabase
import HTTPTypes
public import Hummingbird

/// The page that a request asks for by the row that it begins behind: `?after=…`, or ends before: `?before=…`.
public struct KeysetRequest: Sendable {
    /// The items of a page.
    public let size: Int

    let after: String?
    let before: String?
    let link: QueryLink

    /// - Parameters:
    ///   - request: the request, whose query says where the page begins.
    ///   - size: items on a page, at least 1.
    public init(_ request: Request, size: Int = 20) {
        self.size = max(1, min(size, 5_000))
        after = request.uri.queryParameters["after"].map(String.init)
        before = request.uri.queryParameters["before"].map(String.init)
        link = QueryLink(query: request.uri.query, without: ["after", "before"])
    }
}

extension Queryable {
    /// Reads the page of a list that a request asks for by its position.
    /// - Parameters:
    ///   - sql: a statement without `ORDER BY` and limit, whose result has the columns of the order.
    ///   - keyset: the order.
    /// - Throws: `HTTPError` 400 for a position that is none of this list, `DatabaseError`.
    public func page<Row: Decodable & Sendable>(
        _ sql: SQL, by keyset: Keyset<Row>, _ request: KeysetRequest
    ) async throws -> Page<Row> {
        let isBackwards = request.after == nil && request.before != nil
        var position: KeysetPosition?
        if let text = request.after ?? request.before {
            position = keyset.position(text)
            if position == nil { throw HTTPError(.badRequest, message: "there is no such page") }
        }
        var rows: [Row]
        do {
            rows = try await all(
                keyset.statement(sql, position, isBackwards: isBackwards, limit: request.size + 1), as: Row.self)
        } catch {
            // A value that its column's type cannot hold, which only a forged position has.
            guard error.kind == .data, position != nil else { throw error }
            throw HTTPError(.badRequest, message: "there is no such page")
        }
        let isMore = rows.count > request.size
        rows = Array(rows.prefix(request.size))
        if isBackwards { rows.reverse() }
        let hasNext = isBackwards || isMore
        let hasPrevious = isBackwards ? isMore : position != nil
        return Page(
            items: rows, number: nil,
            next: hasNext ? try rows.last.map { try link(request, "after", keyset.position(of: $0), sql) } : nil,
            previous: hasPrevious
                ? try rows.first.map { try link(request, "before", keyset.position(of: $0), sql) } : nil)
    }

    private func link(
        _ request: KeysetRequest, _ name: String, _ position: String, _ sql: SQL
    ) throws(DatabaseError) -> String {
        guard position.utf8.count <= KeysetPosition.longest else {
            throw DatabaseError(
                .usage, "the columns that order the pages hold more than a link can: order by shorter ones")
        }
        return request.link.link(name, position)
    }
}
