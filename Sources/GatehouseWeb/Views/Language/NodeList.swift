/// The content of a section as it grows. Pieces of text that follow each other become one.
struct NodeList {
    private var nodes: [TemplateNode] = []
    private var bytes: [UInt8] = []
    private var lineStarts: [Int] = []

    mutating func startLine() { lineStarts.append(bytes.count) }

    mutating func append(_ text: ArraySlice<UInt8>) { bytes += text }

    mutating func add(_ node: TemplateNode) {
        flush()
        nodes.append(node)
    }

    /// All nodes; nothing may be added afterwards.
    mutating func finish() -> TemplateBody {
        flush()
        return TemplateBody(nodes)
    }

    private mutating func flush() {
        guard !bytes.isEmpty || !lineStarts.isEmpty else { return }
        nodes.append(.text(TextNode(bytes: bytes, lineStarts: lineStarts)))
        bytes = []
        lineStarts = []
    }
}
