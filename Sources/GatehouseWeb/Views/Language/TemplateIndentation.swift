/// The indentation of a block's content: removed where the block is written, added where it is put (mustache spec,
/// inheritance, "Block reindentation").
enum TemplateIndentation {
    /// The white space that the content's first line starts with; `nil` if the content starts no line.
    static func first(of body: TemplateBody) -> [UInt8]? {
        guard let node = body.nodes.first else { return nil }
        switch node {
        case .text(let text):
            guard text.lineStarts.first == 0 else { return nil }
            return Array(text.bytes.prefix { $0 == 0x20 || $0 == 0x09 })
        case .section(let section): return first(of: section.body)
        case .block(let block): return block.isStandalone ? block.indentation : nil
        case .partial(let partial): return partial.indentation
        case .value: return nil
        }
    }

    static func removing(_ indentation: [UInt8], from body: TemplateBody) -> TemplateBody {
        guard !indentation.isEmpty else { return body }
        let nodes: [TemplateNode] = body.nodes.map { node in
            switch node {
            case .value: node
            case .text(let text): .text(removing(indentation, from: text))
            case .section(let section):
                .section(
                    SectionNode(
                        expression: section.expression, isInverted: section.isInverted,
                        body: removing(indentation, from: section.body), offset: section.offset))
            case .partial(let partial):
                .partial(
                    PartialNode(
                        name: partial.name, indentation: removing(indentation, from: partial.indentation[...]),
                        blocks: partial.blocks, offset: partial.offset))
            case .block(let block):
                .block(
                    BlockNode(
                        name: block.name, body: removing(indentation, from: block.body),
                        movableBody: block.movableBody,
                        indentation: removing(indentation, from: block.indentation[...]),
                        isStandalone: block.isStandalone, offset: block.offset))
            }
        }
        return TemplateBody(nodes)
    }

    private static func removing(_ indentation: [UInt8], from text: TextNode) -> TextNode {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        var place = 0
        for start in text.lineStarts {
            bytes += text.bytes[place..<start]
            starts.append(bytes.count)
            place = text.bytes.count - removing(indentation, from: text.bytes[start...]).count
        }
        bytes += text.bytes[place...]
        return TextNode(bytes: bytes, lineStarts: starts)
    }

    /// Takes away as much of the indentation as the line has.
    private static func removing(_ indentation: [UInt8], from line: ArraySlice<UInt8>) -> [UInt8] {
        Array(line.dropFirst(zip(line, indentation).prefix { $0 == $1 }.count))
    }
}
