import GatehouseWeb
import Testing

struct SafeFileNameTests {
    /// Names, and what becomes of them. Those that want out of a folder are in the spirit of Django's
    /// `tests/file_uploads` (CANDIDATE_TRAVERSAL_FILE_NAMES).
    static let names = [
        "cat.png": "cat.png", "日本 🦉.png": "日本 🦉.png", "a b.tar.gz": "a b.tar.gz",
        "/tmp/hax0rd.txt": "hax0rd.txt", "C:\\Windows\\hax0rd.txt": "hax0rd.txt", "\\\\server\\share\\f.txt": "f.txt",
        "../../hax0rd.txt": "hax0rd.txt", "..\\..\\hax0rd.txt": "hax0rd.txt", "..\\../hax0rd.txt": "hax0rd.txt",
        "/tmp/..": "file", "..": "file", ".": "file", "": "file", "/": "file", "a/": "file", "\u{0}": "file",
        ".htaccess": "htaccess", "...a": "a", " . .a. . ": "a", "-rf": "_rf", "--": "_-",
        "a\u{0}b\r\nc\u{1b}[2Jd\u{85}e": "abc[2Jde", "ann\u{202e}gpj.exe": "anngpj.exe", "a\u{200b}b\u{2028}c": "abc",
        "a:b.txt": "a_b.txt", "<script>\"|?*": "_script_____", "con": "_con", "NUL.txt": "_NUL.txt",
        "COM1": "_COM1", "com¹.png": "_com¹.png", "CONS": "CONS", "COM": "COM",
    ]

    /// Row G5: no path, no control, no hidden file, never empty.
    @Test(arguments: names) func `a name has nothing that means something`(raw: String, safe: String) {
        #expect(SafeFileName.make(raw) == safe)
    }

    @Test func `a long name keeps its extension`() {
        #expect(SafeFileName.make(String(repeating: "x", count: 300) + ".jpeg").hasSuffix("x.jpeg"))
        let long = [
            String(repeating: "x", count: 300) + ".jpeg", String(repeating: "é", count: 200),
            "a." + String(repeating: "z", count: 500),
            "e" + String(repeating: "\u{301}", count: 4_000), String(repeating: ".", count: 8_000) + "a",
        ]
        for name in long {
            let safe = SafeFileName.make(name)
            #expect(!safe.isEmpty && safe.utf8.count <= SafeFileName.longest)
            #expect(SafeFileName.make(safe) == safe)
        }
    }
}

struct ImageTypeTests {
    @Test func `the first bytes tell`() {
        #expect(ImageType(startingWith: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]) == .png)
        #expect(ImageType(startingWith: [0xFF, 0xD8, 0xFF, 0xE0]) == .jpeg)
        #expect(ImageType(startingWith: Array("GIF89a".utf8)) == .gif)
        #expect(ImageType(startingWith: Array("RIFF....WEBPVP8 ".utf8)) == .webp)
        for other in ["", "GIF", "RIFF....WAVE", "<svg xmlns=", "<!DOCTYPE html>", "\u{89}PNG"] {
            #expect(ImageType(startingWith: Array(other.utf8)) == nil)
        }
        #expect(ImageType.jpeg.mediaType == "image/jpeg")
        #expect(ImageType.jpeg.fileExtension == "jpg")
    }
}
