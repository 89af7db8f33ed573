@testable import GatehouseWeb
import Testing

struct SessionCookieTests {
    @Test func `the values of a name are found among other cookies`() {
        for (header, values) in [
            ("shop=a", ["a"]), ("x=1; shop=a; y=2", ["a"]), ("x=1;shop=a", ["a"]), ("shop=a; shop=b", ["a", "b"]),
            ("shop=", [""]), ("shop=a=b", ["a=b"]), ("shopping=a", []), ("ashop=a", []), ("shop", []), ("", []),
            (";;; ; shop=a;", ["a"]), ("SHOP=a", []), ("x=shop=a", []), ("\tshop=ü", ["ü"]),
        ] {
            #expect(SessionCookie.values(of: "shop", in: header) == values, "\(header)")
        }
    }

    /// A cookie bomb costs a look at its bytes (row I2).
    @Test func `of a thousand cookies of one name four are looked at`() {
        let header = Array(repeating: "shop=a", count: 1_000).joined(separator: "; ")
        #expect(SessionCookie.values(of: "shop", in: header).count == 4)
    }

    @Test func `a cookie's name has the characters of tokens alone`() {
        for (name, tidied) in [
            ("GuestBook", "GuestBook"), ("a b;c=d", "abcd"), ("", "session"), ("äö", "session"),
            (String(repeating: "n", count: 70), String(repeating: "n", count: 64)),
        ] {
            #expect(SessionCookie.tidied(name) == tidied)
        }
    }

    @Test func `over TLS a cookie is this very host's`() {
        #expect(
            SessionCookie(name: "Shop", isSecure: true).text("v", maximumAge: 60)
                == "__Host-Shop=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60")
        #expect(
            SessionCookie(name: "Shop", isSecure: false).text("v", maximumAge: nil)
                == "Shop=v; Path=/; HttpOnly; SameSite=Lax")
    }
}
