internal import CGatehouseSystem
internal import Glibc

/// Anonymous files in memory, which hand data to another process.
public enum MemoryFile {
    /// A file with these bytes, closed on exec, whose position is its beginning. The caller closes it.
    /// - Parameter name: shown in `/proc/PID/fd`, for people; names need not differ.
    /// - Throws: the failure of memfd_create(2), write(2) or lseek(2).
    public static func make(_ name: String, holding bytes: some Collection<UInt8>) throws(SystemError) -> Int32 {
        let file = gatehouse_memory_file(name)
        guard file >= 0 else { throw SystemError("memfd_create") }
        do throws(SystemError) {
            try Descriptor.writeAll(bytes, to: file)
            guard lseek(file, 0, SEEK_SET) == 0 else { throw SystemError("lseek") }
            return file
        } catch {
            close(file)
            throw error
        }
    }
}
