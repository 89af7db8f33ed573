import Testing

@testable import GatehouseDatabase

/// `password` beside `url` in a database's settings.
struct PasswordTests {
    private func complete(_ url: String, _ password: String?) throws -> String {
        var settings = DatabaseSettings(url: url)
        settings.password = password
        return try settings.completeURL()
    }

    @Test(arguments: [
        ("postgres://blog@db/blog", "s3cret", "postgres://blog:s3cret@db/blog"),
        (
            "postgres://blog@/blog?host=/run/postgresql", "a:b/c@d%e?#",
            "postgres://blog:a%3Ab%2Fc%40d%25e%3F%23@/blog?host=/run/postgresql"
        ),
        ("mysql://u:old@a,b:3307/x", "ü\n", "mysql://u:%C3%BC%0A@a,b:3307/x"), ("mysql://u@db", "", "mysql://u:@db"),
    ])
    func `a password is escaped into the address, in place of the one there`(
        url: String, password: String, expected: String
    ) throws {
        #expect(try complete(url, password) == expected)
        #expect(try complete(url, nil) == url)
    }

    @Test(arguments: [
        "sqlite:", "sqlite:/a@b", "postgres:///blog", "postgres://@db/blog", "postgres://db/blog?user=a@b",
    ])
    func `an address without a user is refused, without a word of the password`(url: String) {
        let error = #expect(throws: DatabaseError.self) { try complete(url, "s3cret") }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("s3cret") == false)
    }
}
