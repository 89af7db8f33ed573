import GatehouseWeb
import Testing

struct TokenTests {
    @Test func `base64url has the test vectors of RFC 4648, without padding`() {
        for (plain, text) in [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64URL.encode(Array(plain.utf8)) == text)
            #expect(Base64URL.decode(text) == Array(plain.utf8))
        }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64URL.decode("-_8") == [0xFB, 0xFF])
    }

    @Test func `base64url comes back, whatever the bytes are`() {
        for count in 0..<70 {
            let bytes = RandomBytes.make(count)
            #expect(bytes.count == count)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        #expect(RandomBytes.make(-1).isEmpty)
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm v", "Zm9v\n", "Zé", "Zm9vY"])
    func `a text that no bytes have is none`(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `a token is random, and taken from a client only if it can be one`() throws {
        let token = Token()
        #expect(token != Token())
        #expect(token.text.utf8.count == Token.length)
        #expect(Token(token.text) == token)
        #expect(Token(token.text.dropLast()) == nil)
        #expect(Token(token.text + "A") == nil)
        #expect(Token(String(repeating: "é", count: 21) + "A") == nil)
    }

    @Test func `a token's hash is SHA-256, and no token is printed`() throws {
        // FIPS 180-2, appendix B.1.
        #expect(Token.hash(of: "abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")
        let token = Token()
        #expect(token.hash == Token.hash(of: token.text))
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!dumped.contains(token.text) && !"\(token)".contains(token.text))
        #expect(!String(reflecting: token).contains(token.text))
    }

    @Test func `equal texts are equal`() {
        #expect(ConstantTime.areEqual("", "") && ConstantTime.areEqual("abc", "abc"))
        #expect(!ConstantTime.areEqual("abc", "abd") && !ConstantTime.areEqual("abc", "ab"))
        #expect(!ConstantTime.areEqual([0x80], [0x00]))
    }
}
