/// The rows of a list that come while the page is written, so that a page of any length needs the memory of one row.
///
/// ```swift
/// struct Export: Encodable { var title: String; var entries: ViewRows }
/// try await views.stream("export", Export(title: "All", entries: ViewRows(database.rows(…))), context)
/// ```
///
/// Only ``Views/stream(_:_:_:status:headers:)`` can wait for them. The rows can be gone through once.
public final class ViewRows: Sendable, Equatable, Encodable, ViewValueConvertible {
    /// Makes what gives one row after the other, `nil` at the end.
    let makeIterator: @Sendable () -> Source

    /// Gives one row after the other.
    final class Source {
        private let body: () async throws -> ViewValue?

        init(_ body: @escaping () async throws -> ViewValue?) { self.body = body }

        func next() async throws -> ViewValue? { try await body() }
    }

    /// Rows from a sequence whose elements can be encoded.
    public init<Rows: AsyncSequence & Sendable>(_ rows: Rows) where Rows.Element: Encodable {
        makeIterator = {
            var iterator = rows.makeAsyncIterator()
            return Source { try await iterator.next(isolation: #isolation).map { try ViewValue(encoding: $0) } }
        }
    }

    /// Rows as templates see them.
    public var viewValue: ViewValue { .rows(self) }

    /// Whether both are the same rows.
    public static func == (one: ViewRows, other: ViewRows) -> Bool { one === other }

    /// Encodes an empty list: only a template can wait for rows.
    public func encode(to encoder: any Encoder) throws { _ = encoder.unkeyedContainer() }
}
