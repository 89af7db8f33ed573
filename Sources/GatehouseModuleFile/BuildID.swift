internal import GatehousePlan
internal import Glibc

/// A name for one build of a library (`ld --build-id`), in a note.
public enum BuildID {
    private static let section = ".note.gnu.build-id"
    /// Type of the note with the build id, of owner "GNU".
    private static let noteType: UInt64 = 3

    /// The build id of the ELF file at `path`, in hexadecimal digits.
    public static func read(from path: String) throws(ModuleFileError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ModuleFileError("\(path): \(lastSystemError())", .noInput) }
        defer { close(descriptor) }
        let note: [UInt8]?
        do {
            note = try ELFImage(descriptor: descriptor).contents(ofSection: section, atMost: 4_096)
        } catch {
            throw ModuleFileError("\(path): \(error.reason)", .notASharedObject)
        }
        guard let note, let digits = hexadecimal(inNote: note) else {
            throw ModuleFileError("\(path): it has no build id: build it with scripts/build", .notASharedObject)
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
