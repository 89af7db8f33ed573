internal import GatehouseSystem
internal import Glibc

/// The section table of a 64-bit little-endian ELF file (System V gABI, chapter 4).
///
/// The file is not trusted: every offset is checked against the file's size before anything is read, every sum can
/// overflow without a trap, and no length in the file decides how much memory is taken beyond a small limit.
struct ELFImage {
    /// The fault of the file, for a message.
    struct Malformed: Error, Equatable {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    struct Section {
        let name: String
        let offset: UInt64
        let size: UInt64
    }

    /// e_type: ET_DYN is a shared object (or a position independent program).
    static let sharedObject: UInt16 = 3
    #if arch(x86_64)
        /// e_machine: EM_X86_64.
        static let thisMachine: UInt16 = 62
    #elseif arch(arm64)
        /// e_machine: EM_AARCH64.
        static let thisMachine: UInt16 = 183
    #else
        /// e_machine of another machine, read from none: no module is loadable here.
        static let thisMachine: UInt16 = 0
    #endif

    /// A linked library has some forty sections; a file that claims more than this is refused.
    private static let mostSections = 4_096
    private static let largestNameTable = 1 << 20
    /// Strings of symbols: a module with dependencies has some tens of thousands of them.
    static let largestStringTable = 1 << 26

    let type: UInt16
    let machine: UInt16
    let sections: [Section]
    private let descriptor: Int32
    private let fileSize: UInt64

    init(descriptor: Int32) throws(Malformed) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size >= 0 else { throw Malformed("its size cannot be read") }
        self.descriptor = descriptor
        self.fileSize = UInt64(status.st_size)

        // Figure 4-3, ELF Header: e_ident[16], type 16, machine 18, version 20, entry 24, phoff 32, shoff 40, flags 48,
        // ehsize 52, phentsize 54, phnum 56, shentsize 58, shnum 60, shstrndx 62.
        let header = try Self.read(descriptor, offset: 0, count: 64, fileSize: fileSize, what: "ELF header")
        guard header.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { throw Malformed("it is no ELF file") }
        guard header[4] == 2, header[5] == 1 else { throw Malformed("it is not a 64-bit little-endian ELF file") }
        type = UInt16(truncatingIfNeeded: header.littleEndian(at: 16, bytes: 2))
        machine = UInt16(truncatingIfNeeded: header.littleEndian(at: 18, bytes: 2))
        sections = try Self.readSections(descriptor, header: header, fileSize: fileSize)
    }

    private static func readSections(
        _ descriptor: Int32, header: [UInt8], fileSize: UInt64
    ) throws(Malformed) -> [Section] {
        let tableOffset = header.littleEndian(at: 40, bytes: 8)
        let entrySize = Int(header.littleEndian(at: 58, bytes: 2))
        let count = Int(header.littleEndian(at: 60, bytes: 2))
        let namesIndex = Int(header.littleEndian(at: 62, bytes: 2))
        if tableOffset == 0 || count == 0 { return [] }
        guard entrySize == 64 else { throw Malformed("its section headers have an unknown size") }
        guard count <= mostSections, namesIndex < count else { throw Malformed("its section table is malformed") }
        let table = try read(
            descriptor, offset: tableOffset, count: count * entrySize, fileSize: fileSize, what: "section table")

        // Figure 4-8, Section Header: name 0, type 4, flags 8, addr 16, offset 24, size 32, link 40, ...
        func field(_ index: Int, _ offset: Int, _ bytes: Int) -> UInt64 {
            table.littleEndian(at: index * entrySize + offset, bytes: bytes)
        }
        let namesSize = field(namesIndex, 32, 8)
        guard namesSize <= largestNameTable else { throw Malformed("its table of section names is too large") }
        let names = try read(
            descriptor, offset: field(namesIndex, 24, 8), count: Int(namesSize), fileSize: fileSize,
            what: "table of section names")
        return (0..<count).map { index in
            let start = Int(field(index, 0, 4))
            let name = start < names.count ? names[start...].prefix(while: { $0 != 0 }).prefix(256) : []
            return Section(
                name: String(decoding: name, as: UTF8.self), offset: field(index, 24, 8), size: field(index, 32, 8))
        }
    }

    /// The bytes of the first section with this name; `nil` if there is none.
    func contents(ofSection name: String, atMost limit: Int) throws(Malformed) -> [UInt8]? {
        guard let section = sections.first(where: { $0.name == name }) else { return nil }
        guard section.size <= UInt64(limit) else {
            throw Malformed("its section \(name) is larger than \(limit) bytes")
        }
        return try Self.read(
            descriptor, offset: section.offset, count: Int(section.size), fileSize: fileSize, what: "section \(name)")
    }

    /// Whether the file names a library among those that it needs (gABI, figure 5-10, DT_NEEDED).
    func needs(_ library: String) throws(Malformed) -> Bool {
        guard let entries = try contents(ofSection: ".dynamic", atMost: Self.largestNameTable),
            let names = try contents(ofSection: ".dynstr", atMost: Self.largestStringTable)
        else { return false }
        let wanted = Array(library.utf8) + [0]
        // An entry is a tag and a value, eight bytes each. The tag of DT_NEEDED is 1, its value an offset in .dynstr.
        return stride(from: 0, to: entries.count, by: 16).contains { entry in
            guard entries.littleEndian(at: entry, bytes: 8) == 1,
                let start = Int(exactly: entries.littleEndian(at: entry + 8, bytes: 8)), start < names.count
            else { return false }
            return names[start...].starts(with: wanted)
        }
    }

    private static func read(
        _ descriptor: Int32, offset: UInt64, count: Int, fileSize: UInt64, what: String
    ) throws(Malformed) -> [UInt8] {
        let (end, overflow) = offset.addingReportingOverflow(UInt64(count))
        guard !overflow, end <= fileSize, let position = Int(exactly: offset) else {
            throw Malformed("its \(what) lies beyond the end of the file")
        }
        guard let bytes = try? Descriptor.read(descriptor, at: position, upTo: count), bytes.count == count else {
            throw Malformed("its \(what) cannot be read")
        }
        return bytes
    }
}

extension [UInt8] {
    /// An unsigned little-endian number of up to eight bytes; bytes beyond the end count as zero.
    func littleEndian(at offset: Int, bytes: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<bytes where indices.contains(offset + index) {
            value |= UInt64(self[offset + index]) << UInt64(8 * index)
        }
        return value
    }
}
