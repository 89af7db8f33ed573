import FoundationEssentials
import Glibc

/// The template files of a folder and of the folders in it.
struct TemplateFolder: Sendable {
    let path: String
    let limits: ViewLimits

    /// A file as it is found, to see whether it has changed.
    struct Stamp: Equatable, Sendable {
        let file: String
        let seconds: Int
        let nanoseconds: Int
        let size: Int
    }

    /// The extension of each kind of template, and whether it stays in the name.
    private static let kinds: [(ending: String, kind: Template.Kind, stays: Bool)] = [
        (".html", .html, false), (".mustache", .html, false), (".xml", .xml, true), (".txt", .text, true),
    ]

    /// The template's name and kind; `nil` for a file that is no template: it has another extension, or is hidden, as
    /// what editors leave behind.
    static func nameAndKind(_ file: String) -> (name: String, kind: Template.Kind)? {
        let isHidden = file.split(separator: "/").contains { $0.hasPrefix(".") }
        guard !isHidden, let found = kinds.first(where: { file.hasSuffix($0.ending) }) else { return nil }
        return (found.stays ? file : String(file.dropLast(found.ending.utf8.count)), found.kind)
    }

    /// The template files, in their order.
    func stamps() throws(ViewsError) -> [Stamp] {
        var stamps: [Stamp] = []
        var folders = [""]
        while let folder = folders.popLast() {
            for name in try list(folder) where !name.hasPrefix(".") {
                let file = folder + name
                var status = stat()
                guard stat(path + "/" + file, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    // A link that leads back would otherwise have no end.
                    guard file.utf8.count < 1_024 else { throw error(file, "folders are nested too deep") }
                    folders.append(file + "/")
                } else if Self.nameAndKind(file) != nil {
                    stamps.append(
                        Stamp(
                            file: file, seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
                            size: Int(status.st_size)))
                    guard stamps.count <= limits.files else {
                        throw error("", "there are more than \(limits.files) templates")
                    }
                }
            }
        }
        return stamps.sorted { $0.file < $1.file }
    }

    private func list(_ folder: String) throws(ViewsError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
        } catch {
            throw self.error(
                folder, folder.isEmpty ? "there is no such folder: make Resources/templates" : "it cannot be read")
        }
    }

    func read(_ stamps: [Stamp]) throws(ViewsError) -> [TemplateSet.Source] {
        var problems: [ViewProblem] = []
        var sources: [TemplateSet.Source] = []
        for stamp in stamps {
            guard let (name, kind) = Self.nameAndKind(stamp.file) else { continue }
            if stamp.size > limits.fileBytes {
                problems.append(ViewProblem(file: stamp.file, "the file has more than \(limits.fileBytes) bytes"))
            } else if let data = FileManager.default.contents(atPath: path + "/" + stamp.file) {
                sources.append(.init(name: name, file: stamp.file, kind: kind, bytes: Array(data)))
            } else {
                problems.append(ViewProblem(file: stamp.file, "the file cannot be read"))
            }
        }
        guard problems.isEmpty else { throw ViewsError(folder: path, problems: problems) }
        return sources
    }

    private func error(_ file: String, _ message: String) -> ViewsError {
        ViewsError(folder: path, problems: [ViewProblem(file: file, message)])
    }
}
