import GatehouseWeb
import Testing

struct PasswordRulesTests {
    private let rules = PasswordRules(blocked: ["gatehouse site"])

    @Test(arguments: [
        "correct horse", "ünïcödé mit ä", "Tr0ub4dor&3x", "8 letters", String(repeating: "ab ", count: 200),
    ])
    func `a password that nobody guesses is taken`(_ password: String) {
        #expect(rules.complaint(about: password, of: ["ann@example.org", "Ann Lee"]) == nil)
    }

    @Test(arguments: [
        "", "short", "1234567", "password", "PassWord", "password123!", "Summer2026", "12345678", "qwertyuiop",
        "iloveyou",
        "aaaaaaaaaa", "abcdefghij", "98765432", "Gatehouse Site", "ann.lee@example.org", "ANN.LEE@example.org",
    ])
    func `a password that is tried first is refused`(_ password: String) {
        #expect(rules.complaint(about: password, of: ["ann.lee@example.org"]) != nil)
    }

    @Test func `a password may be long, and not longer than is hashed`() {
        let text = String(repeating: "correct horse ", count: 80)
        #expect(rules.complaint(about: String(text.prefix(1_024))) == nil)
        #expect(rules.complaint(about: String(text.prefix(1_025))) != nil)
    }

    @Test func `a longer minimum is counted in characters`() {
        #expect(PasswordRules(minimum: 15).complaint(about: "correct horse 1") == nil)
        #expect(PasswordRules(minimum: 15).complaint(about: "correct horsé ") != nil)
    }
}
