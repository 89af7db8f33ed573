/// Names of files from clients, made safe to be part of a path and to be shown.
package enum SafeFileName {
    /// The most bytes of UTF-8: file systems allow 255, and an application may add something.
    package static let longest = 128
    /// The most bytes of an extension, its dot included, that is kept when a name is shortened.
    private static let longestExtension = 16

    /// A base name without anything that means something to a file system, a shell or a terminal; never empty.
    package static func make(_ raw: String) -> String {
        // Internet Explorer, and whoever wants out of a folder, sends a whole path.
        let scalars = Array(raw.unicodeScalars)
        let slash = scalars.lastIndex { $0 == "/" || $0 == "\\" }
        let kept = scalars[(slash.map { $0 + 1 } ?? 0)...].filter { !isLeftOut($0) }.map { isReplaced($0) ? "_" : $0 }
        // A leading dot hides a file, and `..` is another folder; Windows drops dots and blanks at the end.
        var name = trimmed(kept[...])
        // A leading `-` makes an option of a name.
        if name.first == "-" { name[name.startIndex] = "_" }
        name = shortened(name)
        guard !name.isEmpty else { return "file" }
        return isReserved(name) ? "_" + text(name) : text(name)
    }

    private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        func isEdge(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar.properties.isWhitespace }
        guard let first = scalars.firstIndex(where: { !isEdge($0) }),
            let last = scalars.lastIndex(where: { !isEdge($0) })
        else { return [] }
        return scalars[first...last]
    }

    /// Controls, formats (which turn the direction of a text around, so that `gpj.exe` reads as `exe.jpg`), surrogates,
    /// private and unassigned code points.
    private static func isLeftOut(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// Characters that Windows does not allow; a colon is also a stream of NTFS.
    private static func isReplaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ":", "*", "?", "\"", "<", ">", "|": true
        default: false
        }
    }

    /// Cuts out what is too much, in front of the extension. By scalars: one character may be a letter with a thousand
    /// accents.
    private static func shortened(_ name: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        guard size(name) > longest else { return name }
        var ending = name.lastIndex(of: ".").map { name[$0...] } ?? []
        if size(ending) > longestExtension { ending = [] }
        var room = longest - size(ending)
        let stem = name.prefix { scalar in
            room -= UTF8.width(scalar)
            return room >= 0
        }
        return trimmed(stem) + ending
    }

    /// Whether Windows takes the name for a device, whatever its extension.
    private static func isReserved(_ name: ArraySlice<Unicode.Scalar>) -> Bool {
        let stem = text(name.prefix { $0 != "." }).uppercased()
        if ["CON", "PRN", "AUX", "NUL"].contains(stem) { return true }
        guard stem.count == 4, stem.hasPrefix("COM") || stem.hasPrefix("LPT"), let digit = stem.last else {
            return false
        }
        return "123456789¹²³".contains(digit)
    }

    private static func size(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
        scalars.reduce(0) { $0 + UTF8.width($1) }
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
