@testable import GatehouseWeb
import Testing

/// Rows L1 and L2 of hostile input: nothing leads out of the folder.
struct SafePathTests {
    @Test(arguments: [
        "", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a", "a//b", "a/", ".hidden", "a/.git/config",
        "a\0b", "a\nb", "a\\..\\b", "a\u{7F}", String(repeating: "a", count: 256),
        String(repeating: "a/", count: 600) + "a",
    ])
    func `a path that leads elsewhere is none`(_ path: String) {
        #expect(SafePath.components(path) == nil)
    }

    @Test func `an ordinary path has its components`() {
        #expect(SafePath.components("2026/Bericht März 100%.pdf") == ["2026", "Bericht März 100%.pdf"])
        // Not decoded: this is a name, and no address.
        #expect(SafePath.components("%2e%2e") == ["%2e%2e"])
    }
}
