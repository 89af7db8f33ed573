internal import Yams

/// References in values: `${NAME}`, an environment variable, `${credential:NAME}`, one of systemd's credentials, and
/// `${file:PATH}`, a file that the pool's user can read.
extension ScalarReader {
    /// A text with every reference replaced.
    struct Expanded: Equatable {
        var text = ""
        /// Whether a credential or a file is in it: then it is a text, even if it looks like a number.
        var isSecret = false
    }

    /// Expands `${NAME}`, which is the environment's value and an error if there is none, `${NAME:-text}`, which has a
    /// value for that case, `${credential:NAME}`, `${file:PATH}`, and `$${`, which is `${` itself. A value is not
    /// expanded again.
    /// - Parameter canBeSecret: whether credentials and files are allowed.
    /// - Returns: `nil`, reported, if a reference has no value.
    func expand(_ text: String, at node: Node, canBeSecret: Bool = false) -> Expanded? {
        var result = Expanded()
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result.text += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result.text += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    report.add("\"${\" has no \"}\" after it; for the characters themselves write \"$${\"", at: node)
                    return nil
                }
                let reference = Reference(rest[rest.index(dollar, offsetBy: 2)..<end])
                guard let value = value(of: reference, at: node, canBeSecret: canBeSecret) else { return nil }
                result.text += value
                if reference.isSecret { result.isSecret = true }
                rest = rest[rest.index(after: end)...]
            } else {
                result.text += "$"
                rest = rest.dropFirst()
            }
        }
        result.text += rest
        return result
    }

    /// The text between `${` and `}`.
    private struct Reference {
        var name: Substring
        /// The text after `:-`.
        var fallback: Substring?
        /// The credential's name; `nil` if this is none.
        var credential: Substring?
        /// The file's path; `nil` if this is none.
        var file: Substring?

        var isSecret: Bool { credential != nil || file != nil }

        init(_ text: Substring) {
            name = text
            if let separator = text.firstRange(of: ":-") {
                name = text[..<separator.lowerBound]
                fallback = text[separator.upperBound...]
            }
            if name.hasPrefix("credential:") { credential = name.dropFirst("credential:".count) }
            if name.hasPrefix("file:") { file = name.dropFirst("file:".count) }
        }
    }

    private func value(of reference: Reference, at node: Node, canBeSecret: Bool) -> String? {
        guard reference.isSecret else { return variable(reference, at: node) }
        guard canBeSecret else {
            report.add(
                "\(reference.file == nil ? "a credential" : "a file's text") can stand in \"settings\" and in "
                    + "\"environment\" alone: other values are shown in messages and commands", at: node)
            return nil
        }
        if let file = reference.file { return text(ofFile: String(file), reference.fallback, at: node) }
        let name = reference.credential ?? ""
        do {
            let folder = report.variable(Credential.folderVariable)
            if let value = try Credential(String(name), folder: folder).value { return value }
            if let fallback = reference.fallback { return String(fallback) }
            let place = folder.map { "\($0) has no file \(name)" } ?? "$\(Credential.folderVariable) is not set"
            report.add(
                "there is no credential \(name), \(place): give it to the service by systemd's "
                    + "LoadCredential=\(name):FILE, or write ${credential:\(name):-value}", at: node)
        } catch {
            report.add("the credential \"\(printable(String(name)))\" \(error.fault)", at: node)
        }
        return nil
    }

    private func text(ofFile name: String, _ fallback: Substring?, at node: Node) -> String? {
        guard !name.isEmpty, !name.utf8.contains(0) else {
            report.add(
                "\"${file:}\" names no file: write ${file:/path/to/it}, or a path from this file's folder", at: node)
            return nil
        }
        let path = name.hasPrefix("/") ? name : report.folder + "/" + name
        do {
            switch report.rights {
            // The message about the user is there already.
            case .unknown: return nil
            case .own:
                if let text = try SecretFile(path: path).text() { return text }
            case .user(let rights):
                if let text = try SecretFile(path: path).text(as: rights) { return text }
            }
            if let fallback { return String(fallback) }
            report.add(
                "there is no file \(printable(path, atMost: 200)): make it, readable for the pool's user alone, or "
                    + "write ${file:\(printable(name)):-value}", at: node)
        } catch {
            report.add("the file \"\(printable(name))\" \(error.fault)", at: node)
        }
        return nil
    }

    private func variable(_ reference: Reference, at node: Node) -> String? {
        let name = reference.name
        let isName =
            !name.isEmpty && name.utf8.first.map { !(48...57).contains($0) } == true
            && name.utf8.allSatisfy {
                $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
        guard isName else {
            let text = name + (reference.fallback.map { ":-" + $0 } ?? "")
            report.add("\"${\(printable(String(text)))}\" names no environment variable", at: node)
            return nil
        }
        if let value = report.variable(String(name)), !(value.isEmpty && reference.fallback != nil) { return value }
        if let fallback = reference.fallback { return String(fallback) }
        report.add(
            "the environment variable \(name) is not set: set it, or write ${\(name):-value}", at: node)
        return nil
    }
}
