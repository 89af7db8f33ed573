/// Finds the lines of a template that hold only tags: such a line is not written (mustache spec, "standalone").
///
/// The tags of inheritance may share their line: `{{<layout}}{{$title}}` (mustache spec, inheritance, "Standalone
/// block"). A block that opens and closes on one line is part of it, like a value.
enum TemplateLines {
    static func mark(_ tokens: inout [TemplateToken], _ source: [UInt8]) {
        var open: [TemplateToken.Kind] = []
        var start = 0
        while start < tokens.count {
            var end = start
            while end < tokens.count, !endsLine(tokens[end], source) { end += 1 }
            end = min(end + 1, tokens.count)
            markLine(start..<end, of: &tokens, source, &open)
            start = end
        }
    }

    private static func endsLine(_ token: TemplateToken, _ source: [UInt8]) -> Bool {
        token.kind == .text && source[token.range.upperBound - 1] == 0x0A
    }

    private static func markLine(
        _ line: Range<Int>, of tokens: inout [TemplateToken], _ source: [UInt8], _ open: inout [TemplateToken.Kind]
    ) {
        let first = tokens[line.lowerBound]
        tokens[line.lowerBound].startsLine = true
        if first.kind == .text && isBlank(first, source) && line.count > 1 {
            tokens[line.lowerBound + 1].indentation = first.range
        }
        guard standsAlone(tokens[line], source, &open) else { return }
        for index in line {
            if tokens[index].kind == .text { tokens[index].isDropped = true } else { tokens[index].isStandalone = true }
            tokens[index].startsLine = false
        }
    }

    private static func isBlank(_ token: TemplateToken, _ source: [UInt8]) -> Bool {
        source[token.range].allSatisfy(TemplateScanner.isSpace)
    }

    /// Whether nothing of the line is written; keeps the list of sections that are open.
    private static func standsAlone(
        _ line: ArraySlice<TemplateToken>, _ source: [UInt8], _ open: inout [TemplateToken.Kind]
    ) -> Bool {
        var tags = 0
        var isPlain = true
        var isInherited = true
        let outside = open.count
        for token in line {
            switch token.kind {
            case .text:
                isPlain = isPlain && isBlank(token, source)
                continue
            case .parent, .block: open.append(token.kind)
            case .section, .inverted:
                open.append(token.kind)
                isInherited = false
            case .close:
                let closed = open.popLast()
                if closed != .parent && closed != .block { isInherited = false }
                if closed == .block && open.count == outside { isInherited = false }
            default: isInherited = false
            }
            tags += 1
            if !token.mayStandAlone { isPlain = false }
        }
        return isPlain && (tags == 1 || (tags > 1 && isInherited))
    }
}
