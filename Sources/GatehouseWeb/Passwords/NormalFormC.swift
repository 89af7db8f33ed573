// The standard library has the normal forms and not yet a public name for them. If a toolchain loses this one, the file
// does not compile, and nothing else depends on it.
@_spi(_Unicode) import Swift

extension String {
    /// The text in normal form C (UAX #15), in UTF-8: an é that was typed as two characters is the same as one that was
    /// typed as one. NIST SP 800-63B wants passwords to be normalised before they are hashed.
    var bytesInNormalFormC: [UInt8] {
        // Most are ASCII, and in normal form already.
        if utf8.allSatisfy({ $0 < 0x80 }) { return Array(utf8) }
        var scalars = UnicodeScalarView()
        scalars.append(contentsOf: _nfc)
        return Array(String(scalars).utf8)
    }
}
