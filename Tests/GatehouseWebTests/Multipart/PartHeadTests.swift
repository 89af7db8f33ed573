import GatehouseWeb
import Testing

/// Names, types and files' names as clients write them.
struct PartHeadTests {
    /// Headers, and the field's name, the file's name and the type.
    static let heads: [(String, String, String?, String?)] = [
        // Chrome, Firefox, Safari today: the HTML Standard's three escapes, everything else as it is.
        (
            #"Content-Disposition: form-data; name="a%22b"; filename="c%0D%0Ad%22%20.txt""#, "a\"b", "c\r\nd\"%20.txt",
            nil
        ),
        (#"Content-Disposition: form-data; name="größe"; filename="日本 🦉.png""#, "größe", "日本 🦉.png", nil),
        (#"Content-Disposition: form-data; name="a;b"; filename="c; name=d.txt""#, "a;b", "c; name=d.txt", nil),
        (#"Content-Disposition: form-data; name="tags[]""#, "tags[]", nil, nil),
        (#"Content-Disposition: form-data; name="f"; filename="""#, "f", "", nil),
        // curl, and browsers of before 2021.
        (#"Content-Disposition: form-data; name="a\"b"; filename="c\\d\"e.txt""#, "a\"b", #"c\d"e.txt"#, nil),
        // Internet Explorer.
        (#"Content-Disposition: form-data; name="f"; filename="C:\temp\new.txt""#, "f", #"C:\temp\new.txt"#, nil),
        // Other clients: no quotes, blanks, another order, a `;` at the end.
        ("Content-Disposition: form-data; filename=a.txt ;name = f;", "f", "a.txt", nil),
        (
            "content-disposition:FORM-DATA;Name=\"f\"\r\nContent-Type:  text/plain; charset=utf-8\t", "f", nil,
            "text/plain; charset=utf-8"
        ),
        // RFC 7578, section 4.2: `filename*` is not for forms.
        (#"Content-Disposition: form-data; name="f"; filename*=UTF-8''evil.txt"#, "f", nil, nil),
        (#"Content-Disposition: form-data; name="f"; filename="a.txt"; filename*=UTF-8''evil.txt"#, "f", "a.txt", nil),
        (
            "\(fileHead("f", "a"))\r\nContent-Type: multipart/related; boundary=c", "f", "a",
            "multipart/related; boundary=c"
        ),
        ("\(field("f"))\r\nContent-Transfer-Encoding: 8bit\r\nContent-Length: 9999", "f", nil, nil),
    ]

    @Test(arguments: heads) func `a head is read as its client means it`(
        head: (lines: String, name: String, file: String?, type: String?)
    ) {
        let expected = [Read.part(head.name, file: head.file, type: head.type, [0x31])]
        #expect(read(body((head.lines, "1"))) == expected)
        #expect(read(body((head.lines, "1")), pieces: [1]) == expected)
    }

    /// Heads that some parsers read in one way and some in another.
    static let malformed = [
        "X: y", "Content-Disposition: attachment; name=\"a\"", "Content-Disposition: form-data",
        "Content-Disposition: form-data; filename=\"a\"", "Content-Disposition: form-data; name=\"a",
        "Content-Disposition: form-data; name=\"a\" x", "Content-Disposition: form-data; name=\"a\"; name=\"b\"",
        "Content-Disposition: form-data; name=\"a\"; filename=\"b\"; FileName=\"c\"",
        "Content-Disposition: form-data; name=", "Content-Disposition: form-data; =a", "Content-Disposition form-data",
        "Content-Disposition: form-data; name=a\"b", "\(field("a"))\r\n\(field("b"))",
        "\(field("a"))\r\nContent-Type: text/plain\r\nContent-Type: text/html", ": x", "Content Disposition: x",
        " \(field("a"))", "\(field("a"))\r\n folded", "\(field("a"))\r\n\rX: y", "\(field("a"))\r\nX: y\rz",
        "\(field("a"))\r\nX: \u{0}", "\(field("a\u{7f}"))",
        "\(field("a"))\r\nContent-Type: multipart/mixed; boundary=c", "\(field("a"))\r\nContent-Type: multipart/digest",
        "\(field("a"))\r\nContent-Type: text/plain; charset=iso-8859-1",
        "\(field("a"))\r\nContent-Transfer-Encoding: base64",
        "\(field("a"))\r\nContent-Transfer-Encoding: quoted-printable",
    ]

    /// Rows G3 and G4: nobody can read another name, or other bytes, out of it.
    @Test(arguments: malformed) func `an ambiguous head is refused`(head: String) {
        #expect(read(body((head, "1"))) == [.malformed])
        #expect(read(body((head, "1")), pieces: [1]) == [.malformed])
    }

    @Test func `names that are not UTF-8 are refused`() {
        let bytes = lines("--b\nContent-Disposition: form-data; name=\"") + [0xE9] + lines("\"\n\n1\n--b--")
        #expect(read(bytes) == [.malformed])
    }

    @Test func `a boundary is printable and has a length`() {
        #expect(read(lines("--\n"), boundary: "") == [.malformed])
        #expect(read(lines("--\n"), boundary: "a\rb") == [.malformed])
        let longest = String(repeating: "x", count: 70)
        #expect(read(lines("--\(longest)--"), boundary: longest) == [])
        #expect(
            read(lines("--\(longest)x--"), boundary: longest + "x")
                == [.error(.limit, limit: "boundaryBytes", status: 400)])
    }
}
