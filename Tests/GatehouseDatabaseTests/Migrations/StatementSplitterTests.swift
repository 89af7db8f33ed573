import Testing

@testable import GatehouseDatabase

struct StatementSplitterTests {
    private func split(_ text: String, _ dialect: Dialect = .postgreSQL) -> [String] {
        StatementSplitter.statements(of: text, for: dialect).map(\.text)
    }

    @Test func `semicolons end statements, and the last one may lack it`() {
        #expect(
            split("CREATE TABLE a (x int);\n\n;; INSERT INTO a VALUES (1) ; SELECT 1") == [
                "CREATE TABLE a (x int)", "INSERT INTO a VALUES (1)", "SELECT 1",
            ])
    }

    @Test func `a statement knows its line`() {
        let found = StatementSplitter.statements(of: "-- one\n/* two\n*/ SELECT\n1;\n\nSELECT 2;", for: .sqlite)
        #expect(found.map(\.line) == [3, 6])
        #expect(found.map(\.verb) == ["SELECT", "SELECT"])
    }

    @Test(arguments: Dialect.allCases)
    func `a semicolon in a text, a name or a comment ends nothing`(dialect: Dialect) {
        let text = "SELECT 'a;''b;' AS \"c;d\" -- e;\n, 1 /* f; */ ; SELECT 2"
        #expect(split(text, dialect).count == 2)
    }

    @Test func `PostgreSQL's own quotes and nested comments are understood`() {
        #expect(split("SELECT E'a\\';b', 'c\\'; SELECT 2").count == 2)
        #expect(split("SELECT $$a;b$$, $x$c;$$;$x$; SELECT $1; SELECT 2").count == 3)
        #expect(split("/* a /* b; */ c; */ SELECT 1; SELECT a$b$c; SELECT 2").count == 3)
    }

    @Test func `MySQL's quotes, comments and delimiters are understood`() {
        #expect(split("SELECT 'a\\';b', `c;d`; # e;\nSELECT 2--1; /*!50003 SELECT 3 */;", .mySQL).count == 3)
        let dump = """
            DELIMITER //
            CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; SET NEW.y = 2; END//
            DELIMITER ;
            SELECT 1;
            """
        #expect(split(dump, .mySQL).count == 2)
    }

    @Test func `the body of a trigger, a procedure or a function is one statement`() {
        let trigger = """
            CREATE TRIGGER t AFTER UPDATE ON note BEGIN
                UPDATE note SET n = CASE WHEN n > 1 THEN 1 ELSE 2 END WHERE id = new.id;
                SELECT 1;
            END
            """
        #expect(split(trigger + ";\nSELECT 2", .sqlite) == [trigger, "SELECT 2"])
        let procedure = """
            CREATE PROCEDURE p() BEGIN
                IF 1 THEN SELECT 1; END IF;
                WHILE 0 DO SELECT 2; END WHILE;
                CASE 1 WHEN 1 THEN SELECT 3; END CASE;
                BEGIN SELECT 4; END; IF 1 THEN SELECT 5; END IF;
            END
            """
        #expect(split(procedure + ";\nSELECT 2", .mySQL) == [procedure, "SELECT 2"])
        let function = "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END"
        #expect(split(function + "; SELECT 3") == [function, "SELECT 3"])
    }

    @Test func `texts that never end are one statement`() {
        for text in ["SELECT 'a;", "SELECT $x$;", "/* ;", "CREATE FUNCTION f() BEGIN ;", "$", "E'\\"] {
            for dialect in Dialect.allCases { #expect(split(text, dialect).count <= 1, "\(text)") }
        }
    }

    @Test func `any bytes are split without a trap`() {
        var state: UInt64 = 7
        for _ in 0..<2_000 {
            var text = ""
            for _ in 0..<40 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let pieces = [
                    "'", "\"", "$", "$a$", ";", "--", "\n", "/*", "*/", "BEGIN", "END ", "CREATE ", " TRIGGER ", "\\",
                    "é", "E", "#",
                ]
                text += pieces[Int(state >> 33) % pieces.count]
            }
            for dialect in Dialect.allCases { _ = split(text, dialect) }
        }
    }
}
