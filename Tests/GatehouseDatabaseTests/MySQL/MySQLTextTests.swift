import Testing

@testable import GatehouseDatabase

/// The meaning of statements and of errors, without a server.
struct MySQLTextTests {
    @Test(arguments: [
        "SET @a = 1", "set sql_mode = ''", "SELECT @a := 1", "USE other", "CREATE TEMPORARY TABLE t (a INT)",
        "create or replace temporary table t (a int)", "LOCK TABLES t READ", "SELECT GET_LOCK('a', 1)",
        "select get_lock ('a', 1)", "PREPARE s FROM 'x'", "HANDLER t OPEN", "CALL p()", "XA BEGIN 'a'",
        "/*!50000 SET @a = 1 */", "SELECT 1 /*M!100000 , 2*/", "SELECT 1 --1, @a\n, 2", "FLUSH TABLES WITH READ LOCK",
        "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SELECT 1 INTO @a",
    ])
    func `a statement that leaves something in the session is noticed, behaviour 16`(text: String) {
        #expect(MySQLStatementText(text).taints)
    }

    @Test(arguments: [
        "SELECT '@a', \"@b\", `@c`, 'it''s @d', 'x\\'@e'", "SELECT @@version", "SELECT 1 -- @a", "SELECT 1 # @a\n",
        "SELECT /* @a GET_LOCK */ 1", "INSERT INTO temporary_things VALUES (1)", "SET TRANSACTION READ ONLY",
        "SET STATEMENT max_statement_time = 1 FOR SELECT 1", "CREATE TABLE t (a INT)", "", "START TRANSACTION",
        "SELECT 'get_lock'", "UPDATE t SET a = 1",
    ])
    func `a statement that leaves nothing is not suspected`(text: String) {
        #expect(!MySQLStatementText(text).taints)
    }

    @Test func `a statement that only reads is known`() {
        for text in ["SELECT 1", " with a as (select 1) select * from a", "SHOW TABLES", "TABLE t"] {
            #expect(MySQLStatementText(text).isRead)
        }
        for text in ["INSERT INTO t SELECT 1", "SELECT 1 FOR UPDATE", "SELECT 1 INTO OUTFILE 'x'", "CALL p()", "DO 1"] {
            #expect(!MySQLStatementText(text).isRead)
        }
    }

    private func error(_ number: UInt32, _ message: String, state: String = "HY000") -> DatabaseError {
        MySQLError(number: number, state: state, message: message).databaseError(.executing, statement: "S")
    }

    @Test func `an error's message has no value of a row`() {
        let told: [(UInt32, String, String)] = [
            (
                1062, "Duplicate entry 'secret' for key 'x' for key 'note.title'",
                "Duplicate entry … for key 'note.title'"
            ),
            (1062, "Duplicate entry '\u{301}secret' for key 'title'", "Duplicate entry … for key 'title'"),
            (
                1366, "Incorrect integer value: 'secret' for column `d`.`t`.`n` at row 1",
                "Incorrect integer value: '… for column `d`.`t`.`n` at row 1"
            ),
            (1292, "Truncated incorrect DOUBLE value: 'secret'", "Truncated incorrect DOUBLE value: '…"),
            (1690, "BIGINT value is out of range in '(secret - 1)'", "BIGINT value is out of range in …"),
            (1300, "Invalid utf8mb4 character string: 'secret'", "Invalid utf8mb4 character string: '…"),
            (1062, "Duplicate entry 'secret", "Duplicate entry …"), (1062, "secret", "secret"),
        ]
        for (number, message, expected) in told { #expect(error(number, message).message == expected) }
    }

    @Test func `a constraint's name is read from the message`() {
        #expect(error(1062, "Duplicate entry 'a' for key 'note.title'").kind == .unique("title"))
        #expect(error(1062, "Duplicate entry 'a' for key 'PRIMARY'").kind == .unique("PRIMARY"))
        #expect(error(1062, "Duplicate entry").kind == .unique(nil))
        let key = "a foreign key constraint fails (`d`.`child`, CONSTRAINT `child_parent` FOREIGN KEY (`p`) REFERENCES"
        #expect(error(1452, key).kind == .foreignKey("child_parent"))
        #expect(error(1048, "Column 'title' cannot be null").kind == .notNull("title"))
        #expect(error(1364, "Field 'title' doesn't have a default value").kind == .notNull("title"))
        #expect(error(4025, "CONSTRAINT `positive` failed for `d`.`t`").kind == .check("positive"))
        #expect(error(4025, "CONSTRAINT `t.n` failed for `d`.`t`").kind == .check("n"))
        #expect(error(3819, "Check constraint 'positive' is violated.").kind == .check("positive"))
        for message in ["", "'", "''", "`", "for key ''", "CONSTRAINT ", "CONSTRAINT `"] {
            for number: UInt32 in [1062, 1452, 1048, 4025] { _ = error(number, message) }
        }
    }

    @Test func `a number or a state decides about the kind`() {
        #expect(error(1213, "", state: "40001").kind == .deadlock)
        #expect(
            error(1205, "").kind == .timeout && error(1969, "").kind == .timeout && error(3024, "").kind == .timeout)
        #expect(error(1317, "").kind == .cancelled)
        #expect(error(1064, "", state: "42000").kind == .usage && error(1146, "", state: "42S02").kind == .usage)
        #expect(error(9999, "", state: "22003").kind == .data && error(9999, "", state: "").kind == .other)
        #expect(error(2013, "").kind == .connectionLost(sent: true) && error(2013, "").sqlState == nil)
        #expect(error(2006, "").kind == .connectionLost(sent: false))
        #expect(error(1927, "").kind == .connectionLost(sent: true))
        let before = MySQLError(number: 2013, state: "", message: "").databaseError(.before, statement: "")
        #expect(before.kind == .connectionLost(sent: false))
    }

    @Test func `the packet that a server sends before it closes is read, whatever it has`() {
        let packet: [UInt8] = [20, 0, 0, 0, 0xFF, 0x87, 0x07] + Array("#70100killed now".utf8)
        #expect(MySQLError(packet: packet[...]) == MySQLError(number: 1927, state: "70100", message: "killed now"))
        for length in 0..<packet.count { _ = MySQLError(packet: packet[..<length]) }
        var short = packet
        short[0] = 1
        #expect(MySQLError(packet: short[...])?.message == "")
    }

    @Test func `a session is set up in words of its server`() {
        var settings = DatabaseSettings(url: "mysql://")
        settings.statementTimeout = .milliseconds(1_250)
        settings.lockTimeout = .milliseconds(1_500)
        let mariaDB = MySQLSession.statement(isMariaDB: true, settings)
        #expect(mariaDB.contains("max_statement_time = 1.250,") && mariaDB.contains("innodb_lock_wait_timeout = 2,"))
        #expect(mariaDB.contains("idle_transaction_timeout = 15") && mariaDB.contains("time_zone = '+00:00'"))
        let mySQL = MySQLSession.statement(isMariaDB: false, settings)
        #expect(mySQL.contains("max_execution_time = 1250") && !mySQL.contains("idle_transaction"))
        settings.lockTimeout = .zero
        #expect(!MySQLSession.statement(isMariaDB: true, settings).contains("lock_wait"))
    }
}
