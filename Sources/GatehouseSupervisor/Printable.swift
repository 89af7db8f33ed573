/// A text from a worker, made fit for a terminal and a log: one line, no control characters.
func printable(_ text: String, atMost limit: Int = 4_000) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        switch scalar.value {
        case 0x0A: result += " "
        case 0..<0x20, 0x7F..<0xA0: result += "\\x" + String(scalar.value, radix: 16)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
