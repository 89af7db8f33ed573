internal import CGatehouseSystem
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The name of one build of a library (`ld --build-id`), which is in a note of its file.
public enum BuildID {
    private static let section = ".note.gnu.build-id"
    /// Type of the note with the build id, of owner "GNU".
    private static let noteType: UInt64 = 3

    /// The build id of the ELF file at `path`, in hexadecimal digits.
    public static func read(from path: String) throws(OperatorError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OperatorError("\(path): \(SystemError.text())", .noInput) }
        defer { close(descriptor) }
        let note: [UInt8]?
        do {
            note = try ELFImage(descriptor: descriptor).contents(ofSection: section, atMost: 4_096)
        } catch {
            throw OperatorError("\(path): \(error.reason)", .notASharedObject)
        }
        guard let note, let digits = hexadecimal(inNote: note) else {
            throw OperatorError("\(path): it has no build id: build it with scripts/build", .notASharedObject)
        }
        return digits
    }

    /// A note (gABI, figure 5-2): the owner's length, the description's length, the type; the owner padded to four
    /// bytes; the description.
    static func hexadecimal(inNote note: [UInt8]) -> String? {
        guard note.count >= 16 else { return nil }
        let ownerLength = note.littleEndian(at: 0, bytes: 4)
        let length = note.littleEndian(at: 4, bytes: 4)
        guard ownerLength == 4, note.littleEndian(at: 8, bytes: 4) == noteType,
            note[12..<16].elementsEqual([71, 78, 85, 0]),
            length > 0, length <= UInt64(note.count - 16)
        else { return nil }
        return note[16..<16 + Int(length)].map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// The compiler that this library was built with.
public enum SDKCompiler {
    /// The version text of the toolchain's C compiler, commit included. A Swift toolchain brings its own C compiler, so
    /// the same text means the same toolchain; and it is known at compile time, which a Swift compiler's version is
    /// not.
    public static var identity: String { String(cString: gatehouse_compiler()) }
}
