import Gatehouse
import Crypto
import GatehouseSystem
import NIOCore

/// All assets by their names: nothing that is not in this table can be asked for.
struct AssetTable: Sendable {
    /// By plain names.
    private(set) var files: [String: AssetFile] = [:]
    /// By fingerprinted names.
    private(set) var fingerprinted: [String: AssetFile] = [:]
    /// The states of the files from which it was made.
    let stamps: [String: FileStamp]

    /// Files up to this size are kept in memory, until all of them together reach the second number.
    static let smallFile: Int64 = 65_536
    private static let memory: Int64 = 33_554_432
    /// The largest style sheet whose references are read.
    private static let largestStyleSheet: Int64 = 4_194_304

    /// Compressed copies, the smallest kind first.
    private static let codings = [(ending: ".br", coding: "br"), (ending: ".gz", coding: "gzip")]

    /// Reads the whole folder. Blocks.
    /// - Parameter rewrites: whether style sheets name other files with their fingerprints, and compressed copies are
    ///   used. In development both are off, so that a changed file needs no other one.
    init(_ folder: AssetFolder, rewrites: Bool) throws(AssetError) {
        var stamps: [String: FileStamp] = [:]
        for (name, stamp) in try folder.files() { stamps[name] = stamp }
        self.stamps = stamps
        var reading = Reading(folder: folder, stamps: stamps, rewrites: rewrites)
        for name in stamps.keys.sorted() where !Self.isCopy(name, stamps) {
            let file = try reading.file(name, from: [])
            files[name] = file
            fingerprinted[file.fingerprintedName] = file
        }
    }

    /// Whether a file is the compressed copy of another.
    private static func isCopy(_ name: String, _ stamps: [String: FileStamp]) -> Bool {
        codings.contains { name.hasSuffix($0.ending) && stamps[String(name.dropLast($0.ending.count))] != nil }
    }

    /// The work of reading: style sheets need the fingerprints of what they refer to.
    private struct Reading {
        let folder: AssetFolder
        let stamps: [String: FileStamp]
        let rewrites: Bool
        var done: [String: AssetFile] = [:]
        var kept: Int64 = 0

        /// - Parameter importers: the style sheets that need this file, the last one last.
        mutating func file(_ name: String, from importers: [String]) throws(AssetError) -> AssetFile {
            if let file = done[name] { return file }
            if importers.contains(name) || importers.count > 64 {
                throw AssetError(
                    "\(folder.label)/\(name)", "imports itself: \((importers + [name]).joined(separator: " → "))")
            }
            let file = try make(name, importers)
            done[name] = file
            return file
        }

        private mutating func make(_ name: String, _ importers: [String]) throws(AssetError) -> AssetFile {
            let path = "\(folder.path)/\(name)"
            let source = try open(path)
            let isStyleSheet = name.hasSuffix(".css") && source.stamp.size <= AssetTable.largestStyleSheet
            guard isStyleSheet || mayKeep(source.stamp.size) else {
                return AssetFile(
                    name: name, path: path, stamp: source.stamp, etag: try hash(source, path), content: nil,
                    encodings: try encodings(of: name))
            }
            var bytes = try read(source, 0, Int(source.stamp.size), path)
            var isRewritten = false
            if isStyleSheet {
                let sheet = StyleSheet(bytes)
                let text = try sheet.replacing { reference throws(AssetError) in
                    try replacement(for: reference, in: sheet, name, importers)
                }
                // Looked at in any case: a missing file is a mistake in development, too.
                if rewrites {
                    isRewritten = text != bytes
                    bytes = text
                }
            }
            let keeps = isRewritten || mayKeep(Int64(bytes.count))
            if keeps { kept += Int64(bytes.count) }
            return AssetFile(
                name: name, path: path, stamp: source.stamp, etag: .hash(of: bytes),
                content: keeps ? ByteBuffer(bytes: bytes) : nil, encodings: isRewritten ? [] : try encodings(of: name))
        }

        private func mayKeep(_ size: Int64) -> Bool {
            size <= AssetTable.smallFile && kept + size <= AssetTable.memory
        }

        private mutating func replacement(
            for reference: StyleSheet.Reference, in sheet: StyleSheet, _ name: String, _ importers: [String]
        ) throws(AssetError) -> String {
            var place: String { "\(folder.label)/\(name):\(sheet.place(of: reference))" }
            guard let target = Self.target(of: reference.path, in: name) else {
                throw AssetError(place, "\(reference.path): leads out of the folder of assets")
            }
            guard stamps[target] != nil else {
                throw AssetError(place, "\(reference.path): there is no such file as \(folder.label)/\(target)")
            }
            let file = try file(target, from: importers + [name])
            let start = reference.path.utf8.lastIndex(of: UInt8(ascii: "/"))
            let way = start.map { reference.path[...$0] } ?? ""
            let last = file.fingerprintedName.split(separator: "/").last ?? ""
            return way + PercentCoding.encoded(String(last)) + reference.suffix
        }

        /// The file that a relative path leads to.
        private static func target(of path: String, in name: String) -> String? {
            guard let decoded = PercentCoding.decoded(path[...]) else { return nil }
            var components = name.split(separator: "/").dropLast().map(String.init)
            for component in decoded.split(separator: "/") {
                switch component {
                case ".": continue
                case "..":
                    if components.popLast() == nil { return nil }
                default: components.append(String(component))
                }
            }
            return components.joined(separator: "/")
        }

        private mutating func encodings(of name: String) throws(AssetError) -> [AssetFile.Encoding] {
            guard rewrites else { return [] }
            var found: [AssetFile.Encoding] = []
            for (ending, coding) in AssetTable.codings where stamps[name + ending] != nil {
                let path = "\(folder.path)/\(name)\(ending)"
                let source = try open(path)
                var encoding = AssetFile.Encoding(coding: coding, path: path, stamp: source.stamp, content: nil)
                if mayKeep(source.stamp.size) {
                    kept += source.stamp.size
                    encoding.content = ByteBuffer(bytes: try read(source, 0, Int(source.stamp.size), path))
                }
                found.append(encoding)
            }
            return found
        }

        private func open(_ path: String) throws(AssetError) -> OpenFile {
            do { return try OpenFile(path: path) } catch { throw AssetError(path, "\(error)") }
        }

        private func read(
            _ file: OpenFile, _ offset: Int64, _ count: Int, _ path: String
        ) throws(AssetError) -> [UInt8] {
            do { return try file.read(at: offset, count: count) } catch { throw AssetError(path, "\(error)") }
        }

        private func hash(_ file: OpenFile, _ path: String) throws(AssetError) -> ETag {
            var hash = SHA256()
            var offset: Int64 = 0
            while true {
                let bytes = try read(file, offset, 262_144, path)
                if bytes.isEmpty { return ETag(of: hash.finalize()) }
                offset += Int64(bytes.count)
                bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
            }
        }
    }
}
