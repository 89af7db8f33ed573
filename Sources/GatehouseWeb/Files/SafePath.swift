/// A path below a folder that leads nowhere else.
enum SafePath {
    /// The path's components; `nil` if it is not safe: absolute, empty, over 1,024 bytes, with `.`, `..`, an empty or a
    /// hidden component, with NUL or another control character, or a backslash.
    static func components(_ path: String) -> [String]? {
        guard (1...1_024).contains(path.utf8.count) else { return nil }
        let components = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for component in components {
            // A component that begins with a dot is `.`, `..`, or hidden.
            guard let first = component.first, first != UInt8(ascii: "."), component.count <= 255,
                component.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
            else { return nil }
        }
        return components.map { String(Substring($0)) }
    }
}
