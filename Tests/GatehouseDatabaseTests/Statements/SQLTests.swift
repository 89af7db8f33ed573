import GatehouseDatabase
import Testing

struct SQLTests {
    @Test func `a value is bound and not pasted, behaviour 1`() {
        let title = "'; DROP TABLE note; --"
        let sql: SQL = "SELECT 1 FROM note WHERE title = \(title)"
        #expect(sql.text == "SELECT 1 FROM note WHERE title = \u{1}")
        #expect(sql.values == [.text(title)])
    }
}
