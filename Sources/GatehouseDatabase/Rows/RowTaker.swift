/// Takes rows by a closure that is compiled where the type of the rows is known. A generic sink's own conformance is
/// compiled once for all types, and looks its types up for each row.
@usableFromInline
package final class RowTaker: RowSink, @unchecked Sendable {
    private let taking: (ResultRow) throws(DatabaseError) -> RowDemand

    @usableFromInline
    init(_ taking: @escaping (ResultRow) throws(DatabaseError) -> RowDemand) {
        self.taking = taking
    }

    @usableFromInline
    package func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand { try taking(row) }
}
