internal import GatehouseModuleFile

/// The stamp as assembler source. The compiler's identity is left to the preprocessor, so it is the text that the same
/// compiler put into the SDK.
enum StampSource {
    static func text(sdk: String, swift: String, module: String, version: String) -> String {
        // The compiler's line stands where the placeholder is; everything else is the reader's own format.
        let placeholder = "<compiler>"
        let stamp = ModuleStamp(sdk: sdk, compiler: placeholder, swift: swift, module: module, version: version)
        let lines = stamp.text.split(separator: "\n").map { line in
            line.hasSuffix("=" + placeholder)
                ? "    .ascii \"\(line.dropLast(placeholder.count))\" __VERSION__ \"\\n\""
                : "    .ascii \"\(quoted(line))\\n\""
        }
        return """
                .section \(ModuleStamp.section),"",%progbits
            \(lines.joined(separator: "\n"))
                .section .note.GNU-stack,"",%progbits

            """
    }

    private static func quoted(_ text: Substring) -> String {
        text.reduce(into: "") { result, character in
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
    }
}
