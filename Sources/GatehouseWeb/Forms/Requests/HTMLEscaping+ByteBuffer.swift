public import NIOCore

extension ByteBuffer {
    /// Writes a text as ``Swift/String/htmlEscaped`` has it, without a string between.
    public mutating func writeHTMLEscaped(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            HTMLEscaping.forEachPiece(of: bytes) { writeBytes($0) }
        }
    }
}
