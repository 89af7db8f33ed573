import Hummingbird

/// The media types of files, by the extensions of their names.
enum FileTypes {
    /// The value of `Content-Type`; text is UTF-8.
    static func contentType(of name: String) -> String {
        let type = mediaType(of: name)
        let text = "\(type.type.rawValue)/\(type.subType)"
        let isText = type.type == .text || text == "application/json" || text == "application/javascript"
        return isText ? text + "; charset=utf-8" : text
    }

    /// Whether a browser may show a file of this type to people who do not know who made it: no type that can contain
    /// a script.
    static func isShownSafely(_ name: String) -> Bool {
        let type = mediaType(of: name)
        return switch type.type {
        case .image: !type.subType.hasPrefix("svg")
        case .audio, .video: true
        case .text: type.subType == "plain"
        default: false
        }
    }

    private static func mediaType(of name: String) -> MediaType {
        let unknown = MediaType(type: .application, subType: "octet-stream")
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return unknown }
        let ending = name[name.utf8.index(after: dot)...].lowercased()
        // Source maps are JSON, and not known to Hummingbird.
        if ending == "map" { return MediaType(type: .application, subType: "json") }
        return MediaType.getMediaType(forExtension: ending) ?? unknown
    }
}
