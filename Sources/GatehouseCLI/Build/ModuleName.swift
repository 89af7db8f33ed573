/// A Swift module's name made from a folder's: `guest-book` becomes `GuestBook`.
enum ModuleName {
    /// `nil` where no letter is left to make one of.
    static func make(from folder: String) -> String? {
        let words = folder.unicodeScalars.split { scalar in
            !(("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar))
        }
        let name = words.map { word in
            String(String.UnicodeScalarView(word.prefix(1))).uppercased()
                + String(String.UnicodeScalarView(word.dropFirst()))
        }.joined()
        guard let first = name.unicodeScalars.first else { return nil }
        return ("0"..."9").contains(first) ? "Module" + name : name
    }
}
