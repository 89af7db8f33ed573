@testable import GatehouseModuleFile

/// Writes ELF files of exactly the parts that the reader looks at.
struct ELFBuilder {
    var type: UInt16 = 3
    var machine = ELFImage.thisMachine
    var sections: [(name: String, contents: [UInt8])] = []

    static let headerSize = 64

    func bytes() -> [UInt8] {
        var names: [UInt8] = [0]
        var entries: [(name: Int, offset: Int, size: Int)] = [(0, 0, 0)]
        var contents: [UInt8] = []
        for section in sections {
            entries.append((names.count, Self.headerSize + contents.count, section.contents.count))
            names += Array(section.name.utf8) + [0]
            contents += section.contents
        }
        entries.append((names.count, Self.headerSize + contents.count, names.count + 10))
        names += Array(".shstrtab".utf8) + [0]
        contents += names

        var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
        file += number(type, 2) + number(machine, 2) + number(1, 4) + number(0, 8) + number(0, 8)
        file += number(Self.headerSize + contents.count, 8) + number(0, 4) + number(64, 2) + number(0, 2) + number(0, 2)
        file += number(64, 2) + number(entries.count, 2) + number(entries.count - 1, 2)
        file += contents
        for entry in entries {
            file += number(entry.name, 4) + number(1, 4) + number(0, 8) + number(0, 8)
            file +=
                number(entry.offset, 8) + number(entry.size, 8) + number(0, 4) + number(0, 4) + number(1, 8)
                + number(0, 8)
        }
        return file
    }

    private func number(_ value: some BinaryInteger, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: UInt64(value) >> UInt64(8 * $0)) }
    }

    static let stamp = ModuleStamp(
        sdk: "abcd", compiler: "Clang 21", swift: "Swift version 6.3.1", module: "Hello", version: "1.0")

    static var module: ELFBuilder {
        ELFBuilder(sections: [(".text", [0x90]), (ModuleStamp.section, Array(stamp.text.utf8))])
    }

    /// A module that needs these libraries: their names in `.dynstr`, and the places of the names in `.dynamic`.
    static func module(needing libraries: [String]) -> ELFBuilder {
        var names: [UInt8] = [0]
        var entries: [UInt8] = []
        for library in libraries {
            entries += [1, 0, 0, 0, 0, 0, 0, 0, UInt8(names.count), 0, 0, 0, 0, 0, 0, 0]
            names += Array(library.utf8) + [0]
        }
        var builder = module
        builder.sections += [(".dynamic", entries + [UInt8](repeating: 0, count: 16)), (".dynstr", names)]
        return builder
    }

    /// A library with a build id.
    static func library(buildID: [UInt8]) -> ELFBuilder {
        ELFBuilder(sections: [
            (".note.gnu.build-id", [4, 0, 0, 0, UInt8(buildID.count), 0, 0, 0, 3, 0, 0, 0, 71, 78, 85, 0] + buildID)
        ])
    }
}
