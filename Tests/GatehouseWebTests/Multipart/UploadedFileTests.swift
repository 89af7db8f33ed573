import GatehouseSystem
import GatehouseWeb
import Glibc
import Hummingbird
import TestSupport
import Testing

struct UploadedFileTests {
    private let folder: TemporaryFolder
    private let png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3, 4, 5] as [UInt8]

    init() throws { folder = try TemporaryFolder() }

    private func form(_ content: [UInt8], name: String = "cat.png", pieces: Int = 1_000) async throws -> FormFields {
        let bytes =
            lines("--b\n\(field("title"))\n\nRain\n--b\n\(fileHead("picture", name))\nContent-Type: text/html\n\n")
            + content
            + lines("\n--b\n\(fileHead("none", ""))\nContent-Type: application/octet-stream\n\n\n--b--\n")
        return try await upload(bytes, pieces: pieces).multipartForm(filesIn: folder.path)
    }

    private func file(_ content: [UInt8], name: String = "cat.png") async throws -> UploadedFile {
        try #require(try await form(content, name: name).file("picture"))
    }

    private func entries() throws -> [String] {
        let stream = try #require(opendir(folder.path))
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                names.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
            }
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    private func content(_ name: String) throws -> [UInt8] {
        let descriptor = open(folder.path + "/" + name, O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        return try Descriptor.readAll(descriptor)
    }

    @Test(arguments: [1, 1_000, .max]) func `a form has its fields and its files`(pieces: Int) async throws {
        let form = try await form(png, pieces: pieces)
        #expect(form["title"] == "Rain")
        let file = try #require(form.file("picture"))
        #expect(file.name == "cat.png")
        #expect(file.size == png.count)
        #expect(file.claimedContentType == "text/html")
        #expect(file.imageType == .png)
        #expect(try await Array(file.contents().readableBytesView) == png)
        #expect(try await Array(file.bytes(at: 8, count: 3).readableBytesView) == [1, 2, 3])
        #expect(try await file.bytes(at: 99, count: 3).readableBytes == 0)
        #expect(form.file("none") == nil)
        #expect(form.attachments.count == 1)
    }

    @Test func `a file is in its folder without a name`() async throws {
        let file = try await file(png)
        #expect(try entries() == [])
        let shown = file.withDescriptor { descriptor in
            var path = [CChar](repeating: 0, count: 4_096)
            let count = readlink("/proc/self/fd/\(descriptor)", &path, path.count)
            return String(decoding: path.prefix(Swift.max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        #expect(shown.hasPrefix(folder.path + "/"))
        #expect(shown.hasSuffix(" (deleted)"))
    }

    @Test func `a large file is whole, and is gone with its last owner`() async throws {
        var random = SeededGenerator(seed: 3)
        let content = (0..<3_000_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var file: UploadedFile? = try await file(content)
        let number = try #require(file).withDescriptor { $0 }
        let status = try #require(shape(number))
        #expect(status.size == content.count)
        #expect(status.mode == 0o600)
        #expect(try await Array(#require(file).contents(upTo: .max).readableBytesView) == content)
        file = nil
        // Another test may have been given the number already.
        #expect(shape(number)?.identity != status.identity)
    }

    private struct Shape { var size: Int, mode: UInt32, identity: [UInt64] }

    private func shape(_ descriptor: Int32) -> Shape? {
        var status = Glibc.stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return Shape(
            size: Int(status.st_size), mode: status.st_mode & 0o7777,
            identity: [UInt64(status.st_dev), UInt64(status.st_ino)])
    }

    @Test func `a file is kept under a name, with its mode, and once`() async throws {
        let file = try await file(png)
        let path = folder.path + "/kept.png"
        try await file.keep(at: path, mode: 0o604)
        #expect(try entries() == ["kept.png"])
        #expect(try content("kept.png") == png)
        var status = Glibc.stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o604)
        let other = try await self.file([1, 2, 3])
        let error = await #expect(throws: UploadError.self) { try await other.keep(at: path) }
        #expect(error?.code == EEXIST)
        #expect(error?.description.contains("was not to be replaced") == true)
        try await other.keep(at: path, replacing: true)
        #expect(try content("kept.png") == [1, 2, 3])
        #expect(try entries() == ["kept.png"])
        #expect(try await file.contents().readableBytes == png.count)
    }

    @Test func `a file is copied to another file system`() async throws {
        let path = "/dev/shm/gatehouse-upload-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        defer { unlink(path) }
        let file = try await file(png)
        for replacing in [false, true] {
            try await file.keep(at: path, mode: 0o640, replacing: replacing)
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            #expect(try Descriptor.readAll(descriptor) == png)
            close(descriptor)
        }
        let error = await #expect(throws: UploadError.self) { try await file.keep(at: path) }
        #expect(error?.code == EEXIST)
    }

    @Test func `errors name the folder and what to do`() async throws {
        let bytes = body((fileHead("f", "f"), "1"))
        let error = await #expect(throws: UploadError.self) {
            _ = try await upload(bytes).multipartForm(filesIn: "/nonexistent")
        }
        #expect(error?.code == ENOENT)
        #expect(error?.description.contains("/nonexistent") == true)
        let file = try await file(png)
        let missing = await #expect(throws: UploadError.self) { try await file.keep(at: folder.path + "/a/b") }
        #expect(missing?.description.contains("make its folder first") == true)
        let large = await #expect(throws: MultipartError.self) { _ = try await file.contents(upTo: 3) }
        #expect(large?.statusCode == 413)
    }

    @Test func `a form takes both kinds of body`() async throws {
        let accepted: [FormBody] = [.urlEncoded, .multipart(filesIn: folder.path)]
        let form = try await upload(body((field("a"), "1"), (fileHead("f", "x"), "2")))
            .fields(accepting: accepted)
        #expect(form["a"] == "1")
        #expect(form.file("f")?.name == "x")
        var limits = FormLimits()
        limits.fields = 1
        let error = await #expect(throws: FormError.self) {
            _ = try await upload(body((field("a"), "1"), (field("b"), "2"))).fields(accepting: accepted, limits: limits)
        }
        #expect(error?.status == .contentTooLarge)
    }
}
