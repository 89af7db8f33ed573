import GatehouseWeb
import Hummingbird
import NIOCore
import Testing

struct MultipartPartsTests {
    static let form = body(
        (field("title"), "Rain"), (fileHead("picture", "../cat.png") + "\r\nContent-Type: image/png", "0123456789"),
        (field("note"), "größe"))

    @Test(arguments: [1, 3, .max]) func `parts come in their order with their bytes`(pieces: Int) async throws {
        var found: [String] = []
        for try await part in upload(Self.form, pieces: pieces).multipart() {
            if part.isFile {
                var bytes = ByteBuffer()
                for try await piece in part { bytes.writeImmutableBuffer(piece) }
                found.append(
                    "\(part.name) \(part.fileName ?? "") \(part.unsafeFileName ?? "") \(String(buffer: bytes))")
                #expect(part.claimedContentType == "image/png")
            } else {
                found.append("\(part.name) \(try await part.text())")
                #expect(part.fileName == nil)
            }
        }
        #expect(found == ["title Rain", "picture cat.png ../cat.png 0123456789", "note größe"])
    }

    @Test(arguments: [1, 4, .max]) func `parts that nobody reads to their end are skipped`(pieces: Int) async throws {
        var names: [String] = []
        for try await part in upload(Self.form, pieces: pieces).multipart() {
            names.append(part.name)
            if part.isFile {
                for try await _ in part { break }
            }
        }
        #expect(names == ["title", "picture", "note"])
    }

    @Test func `bytes of a part are those of the body's piece and no copy`() async throws {
        let bytes = [UInt8](repeating: 7, count: 100_000)
        let start = fileHead("f", "f").utf8.count + 9
        let whole = ByteBuffer(bytes: lines("--b\n\(fileHead("f", "f"))\n\n") + bytes + lines("\n--b--"))
        var request = upload([])
        request.body = RequestBody(buffer: whole)
        for try await part in request.multipart() {
            for try await piece in part {
                #expect(piece.readableBytes == bytes.count)
                let isInside = whole.withUnsafeReadableBytes { outer in
                    piece.withUnsafeReadableBytes { inner in
                        guard let outer = outer.baseAddress, let inner = inner.baseAddress else { return false }
                        return inner - outer == start
                    }
                }
                #expect(isInside)
            }
        }
    }

    @Test func `a part that is gone says so`() async throws {
        var kept: MultipartPart?
        for try await part in upload(Self.form).multipart() {
            if let kept {
                let error = await #expect(throws: MultipartError.self) { _ = try await kept.text() }
                #expect(error?.code == .partIsGone)
                return
            }
            kept = part
        }
        Issue.record("the loop has ended")
    }

    @Test func `a part that has been read is empty when it is read again`() async throws {
        for try await part in upload(Self.form).multipart() where part.isFile {
            #expect(try await part.collect(upTo: 10).readableBytes == 10)
            #expect(try await part.collect(upTo: 10).readableBytes == 0)
        }
    }

    @Test func `a file read as text is bounded as a field`() async throws {
        var limits = MultipartLimits()
        limits.fieldBytes = 9
        for try await part in upload(Self.form).multipart(limits) where part.isFile {
            let error = await #expect(throws: MultipartError.self) { _ = try await part.text() }
            #expect(error?.statusCode == 413)
            #expect(error?.limit == "fieldBytes")
            return
        }
    }

    /// Requests that are no form, and the status of their refusal.
    static let refused: [(type: String, length: Int?, status: Int)] = [
        ("application/x-www-form-urlencoded", nil, 415), ("", nil, 415), ("multipart/mixed; boundary=b", nil, 415),
        ("multipart/form-data", nil, 400), ("multipart/form-data; boundary=b; boundary=c", nil, 400),
        ("multipart/form-data; boundary=\"b", nil, 400), ("multipart/form-data; boundary=c", nil, 400),
        ("multipart/form-data; boundary=b", 1 << 40, 413),
    ]

    /// Rows G1 and G2: by its status, before anything is read.
    @Test(arguments: refused) func `what is no form is refused`(type: String, length: Int?, status: Int) async {
        let request = upload(Self.form, type: type, length: length)
        let error = await #expect(throws: MultipartError.self) { for try await _ in request.multipart() {} }
        #expect(error?.statusCode == status)
        #expect(error?.status.code == status)
    }

    @Test(arguments: ["--b\r\n\(field("a"))\r\n\r\n1\r\n--b", "--b\r\n\(field("a"))\r\n\r\n", "--b\r\n", ""])
    func `a body that is cut off is an error and no short form`(text: String) async {
        let error = await #expect(throws: MultipartError.self) {
            _ = try await upload(Array(text.utf8)).multipartForm()
        }
        #expect(error?.code == .truncated)
    }

    @Test(arguments: [[0xFF], [0x61, 0]] as [[UInt8]]) func `a field is text`(value: [UInt8]) async {
        let bytes = lines("--b\n\(field("a"))\n\n") + value + lines("\n--b--")
        let error = await #expect(throws: MultipartError.self) { _ = try await upload(bytes).multipartForm() }
        #expect(error?.statusCode == 400)
    }
}
