import Gatehouse
import FoundationEssentials
import Glibc

/// The files of a folder of assets: what may be read of it, and in which order.
struct AssetFolder {
    let path: String

    /// The most files, and the deepest folder. A build that writes more has written into the wrong folder.
    static let mostFiles = 10_000
    private static let deepest = 32

    /// The name for messages: `assets`.
    var label: String { String(path.split(separator: "/").last ?? "assets") }

    /// The paths of all regular files below the folder, in order, with their states. Hidden files are left out. Blocks.
    /// - Throws: for symbolic links, and for anything else that is neither file nor folder.
    func files() throws(AssetError) -> [(name: String, stamp: FileStamp)] {
        var found: [(name: String, stamp: FileStamp)] = []
        try collect("", depth: 0, into: &found)
        return found
    }

    private func collect(
        _ folder: String, depth: Int, into found: inout [(name: String, stamp: FileStamp)]
    ) throws(AssetError) {
        guard depth <= Self.deepest else {
            throw AssetError("\(label)/\(folder)", "folders are nested more than \(Self.deepest) deep")
        }
        let place = folder.isEmpty ? path : "\(path)/\(folder)"
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
        } catch {
            throw AssetError(place, "the folder of assets cannot be read; make it, or give Assets another one")
        }
        for name in names where !name.hasPrefix(".") {
            let inner = folder.isEmpty ? name : "\(folder)/\(name)"
            var status = stat()
            guard lstat("\(path)/\(inner)", &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try collect(inner, depth: depth + 1, into: &found)
            case S_IFREG:
                guard found.count < Self.mostFiles else {
                    throw AssetError(path, "there are more than \(Self.mostFiles) files in the folder of assets")
                }
                if SafePath.components(inner) == nil {
                    throw AssetError("\(label)/\(inner)", "no address can have this name: rename the file")
                }
                if let stamp = FileStamp(status) { found.append((inner, stamp)) }
            case S_IFLNK: throw AssetError("\(label)/\(inner)", "is a symbolic link: put the file itself there")
            default: throw AssetError("\(label)/\(inner)", "is neither a file nor a folder: remove it")
            }
        }
    }
}
