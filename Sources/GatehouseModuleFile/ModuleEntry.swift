public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The C function `main`, which `@main` leaves in a module and which a worker calls to get the module's type.
public enum ModuleEntry {
    private static let entrySize = 24

    /// Whether the ELF file at `path` defines it for others.
    public static func isDefined(in path: String) throws(OperatorError) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OperatorError("\(path): \(SystemError.text())", .noInput) }
        defer { close(descriptor) }
        do {
            let image = try ELFImage(descriptor: descriptor)
            guard let symbols = try image.contents(ofSection: ".dynsym", atMost: ELFImage.largestStringTable),
                let names = try image.contents(ofSection: ".dynstr", atMost: ELFImage.largestStringTable)
            else { return false }
            return isDefined(symbols: symbols, names: names)
        } catch {
            throw OperatorError("\(path): \(error.reason)", .notASharedObject)
        }
    }

    /// Figure 4-15, Symbol Table Entry: name 0 (4 bytes), info 4, other 5, section 6 (2 bytes; 0: not defined here),
    /// value 8, size 16.
    static func isDefined(symbols: [UInt8], names: [UInt8]) -> Bool {
        let wanted = Array("main\0".utf8)
        return (0..<symbols.count / entrySize).contains { index in
            let start = Int(symbols.littleEndian(at: index * entrySize, bytes: 4))
            return symbols.littleEndian(at: index * entrySize + 6, bytes: 2) != 0
                && start <= names.count - wanted.count && names[start..<start + wanted.count].elementsEqual(wanted)
        }
    }
}
