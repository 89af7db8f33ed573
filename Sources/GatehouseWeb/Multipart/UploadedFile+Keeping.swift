import Gatehouse
import GatehouseSystem
import Glibc

extension UploadedFile {
    /// Gives the file a name, at once and whole: no other process ever sees a part of it.
    ///
    /// In the file system of the folder that the form was collected in nothing is copied. In another one, and on one
    /// without unnamed files (O_TMPFILE), it is copied first. It is written to the disk when the kernel likes, as any
    /// file is.
    /// - Parameters:
    ///   - path: absolute, in a folder that exists. It must not have ``unsafeName`` in it, and need not have ``name``.
    ///   - mode: the file's permissions, whatever the umask; by default its group can read it, as a front server that
    ///     sends it must (X-Accel-Redirect).
    ///   - replacing: whether a file that is there already is replaced; by default that is an error.
    /// - Throws: ``UploadError``, with the code `EEXIST` if there is a file already.
    public func keep(at path: String, mode: UInt32 = 0o640, replacing: Bool = false) async throws(UploadError) {
        let file = file
        try await BlockingThreads.run { () throws(UploadError) in
            do throws(SystemError) {
                try file.keep(at: path, mode: mode, replacing: replacing)
            } catch {
                let remedy =
                    switch error.code {
                    case EEXIST: ": it is there already, and was not to be replaced"
                    case ENOENT: ": make its folder first"
                    case EXDEV: ": it is on another file system"
                    default: ""
                    }
                throw UploadError("cannot keep an upload as \(path)\(remedy)", error)
            }
        }
    }
}

extension UnnamedFile {
    fileprivate func keep(at path: String, mode: UInt32, replacing: Bool) throws(SystemError) {
        guard isLinkable else { return try copy(to: path, mode: mode, replacing: replacing) }
        do throws(SystemError) {
            try link(to: path, mode: mode, replacing: replacing)
        } catch {
            guard error.code == EXDEV else { throw error }
            try copy(to: path, mode: mode, replacing: replacing)
        }
    }

    private func link(to path: String, mode: UInt32, replacing: Bool) throws(SystemError) {
        guard fchmod(descriptor, mode) == 0 else { throw SystemError("fchmod") }
        // The magic link, because AT_EMPTY_PATH would need a capability: open(2), O_TMPFILE.
        let source = "/proc/self/fd/\(descriptor)"
        func link(_ target: String) throws(SystemError) {
            let outcome = linkat(AT_FDCWD, source, AT_FDCWD, target, AT_SYMLINK_FOLLOW)
            guard outcome == 0 else { throw SystemError("linkat") }
        }
        guard replacing else { return try link(path) }
        // link(2) replaces nothing, rename(2) does.
        let temporary = Self.neighbour(of: path)
        try link(temporary)
        try Self.rename(temporary, path)
    }

    /// Makes a copy beside the path, which then gets its name.
    private func copy(to path: String, mode: UInt32, replacing: Bool) throws(SystemError) {
        let temporary = Self.neighbour(of: path)
        let target = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw SystemError("open") }
        defer { close(target) }
        do throws(SystemError) {
            var offset = 0
            while true {
                let piece = try Descriptor.read(descriptor, at: offset, upTo: 256 << 10)
                if piece.isEmpty { break }
                try Descriptor.writeAll(piece, to: target)
                offset += piece.count
            }
            guard fchmod(target, mode) == 0 else { throw SystemError("fchmod") }
            guard !replacing else { return try Self.rename(temporary, path) }
            guard Glibc.link(temporary, path) == 0 else { throw SystemError("link") }
            unlink(temporary)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func rename(_ temporary: String, _ path: String) throws(SystemError) {
        guard Glibc.rename(temporary, path) != 0 else { return }
        let error = SystemError("rename")
        unlink(temporary)
        throw error
    }

    private static func neighbour(of path: String) -> String {
        "\(Paths.folder(of: path))/.gatehouse-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }
}
