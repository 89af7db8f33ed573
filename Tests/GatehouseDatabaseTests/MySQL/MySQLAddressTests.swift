import Testing

@testable import GatehouseDatabase

struct MySQLAddressTests {
    @Test func `a URL has hosts, a login, a database and options`() throws {
        let address = try MySQLAddress(
            url:
                "mysql://blog:p%40ss%2Fw%3Ard@db1,db2:3307,[::1]:3308/my%20blog?tls=verify&tls-ca=/etc/ca.pem&tls-key=k"
        )
        #expect(address.servers.map(\.host) == ["db1", "db2", "::1"])
        #expect(address.servers.map(\.port) == [3306, 3307, 3308])
        #expect(address.user == "blog" && address.password == "p@ss/w:rd" && address.database == "my blog")
        #expect(address.tls == .verify && address.authorities == "/etc/ca.pem" && address.key == "k")
        #expect(address.place == "MySQL at db1:3306, db2:3307, [::1]:3308, database my blog")
    }

    @Test(arguments: ["mysql://", "mysql:///blog", "mariadb://u@localhost/blog", "MySQL://localhost:3306"])
    func `no host and localhost are the Unix socket`(url: String) throws {
        let address = try MySQLAddress(url: url)
        #expect(address.servers.map(\.host) == [""] && address.socket == nil && address.tls == .preferred)
    }

    @Test func `a password may have an @ that nobody has encoded`() throws {
        let address = try MySQLAddress(url: "mysql://u:a@b@h/d?socket=/run/x%3F.sock")
        #expect(address.password == "a@b" && address.servers.map(\.host) == ["h"] && address.socket == "/run/x?.sock")
    }

    @Test(arguments: [
        ("postgres://secret@h/d", "begin with mysql://"), ("mysql:h", "begin with mysql://"),
        ("mysql://u:secret@h:0/d", "a port is a number"), ("mysql://u:secret@h:99999/d", "a port is a number"),
        ("mysql://u:sec%ret@h/d", "two hexadecimal digits"), ("mysql://u:secret%00@h/d", "NUL"),
        ("mysql://u:secret%FF@h/d", "UTF-8"), ("mysql://u:secret@[::1/d", "ends with ]"),
        ("mysql://u:secret@h/d?tls=maybe", "off, preferred, required, verify"),
        ("mysql://u:secret@h/d?charset=latin1", "there is no option charset; there are socket, tls"),
        ("mysql://u:secret@h/d?socket", "the option socket has no value"),
    ])
    func `a wrong URL is an error that says why, and never the password`(url: String, reason: String) {
        do throws(DatabaseError) {
            _ = try MySQLAddress(url: url)
            Issue.record("\(url) was read")
        } catch {
            #expect(error.kind == .usage && error.message.contains(reason))
            #expect(!"\(error)".contains("secret"))
        }
    }
}
