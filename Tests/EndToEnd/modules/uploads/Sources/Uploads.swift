import Gatehouse
import GatehouseWeb

/// A module that says in JSON what it found in a form.
@main
struct Uploads: HandlerModule {
    struct Found: ResponseEncodable {
        struct Part: Codable {
            var name: String
            var file: String?
            var type: String?
            var hex: String
        }
        var parts: [Part] = []
        var status = 200
        var error: String?
        /// Ways of cutting the body that gave something else.
        var different: [String] = []
    }

    struct Settings: Decodable {
        var folder: String
    }

    let folder: String

    init(context: ModuleContext) throws { folder = try context.settings(Settings.self).folder }

    func routes(_ router: Router<GatewayRequestContext>) {
        // Reads the same body in one piece, byte by byte, and cut at each offset.
        router.post("/cut") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            var found = await Self.read(request, [body])
            let bytes = body.readableBytesView
            if await !Self.isSame(found, request, bytes.map { ByteBuffer(bytes: [$0]) }) {
                found.different.append("bytes")
            }
            for offset in 1..<max(2, bytes.count) {
                let pieces = [ByteBuffer(bytes: bytes.prefix(offset)), ByteBuffer(bytes: bytes.dropFirst(offset))]
                if await !Self.isSame(found, request, pieces) { found.different.append("\(offset)") }
            }
            return found
        }
        router.post("/read") { request, _ in
            await Self.read(request, [try await request.body.collect(upTo: 1 << 20)])
        }
        router.post("/count") { request, _ in
            var (parts, bytes) = (0, 0)
            for try await part in request.multipart(Self.large) {
                parts += 1
                for try await piece in part { bytes += piece.readableBytes }
            }
            return "\(parts) \(bytes)\n"
        }
        router.post("/store") { [folder] request, _ in
            let form = try await request.multipartForm(filesIn: folder, limits: Self.large)
            return form.files("file").map { "\($0.name) \($0.size)\n" }.joined()
        }
        router.post("/keep") { [folder] request, _ in
            let form = try await request.multipartForm(filesIn: folder, limits: Self.large)
            guard let file = form.file("file"), let name = form["as"] else { throw HTTPError(.badRequest) }
            try await file.keep(at: "\(folder)/\(name)", mode: 0o600)
            return "\(folder)/\(name)\n"
        }
        router.post("/default") { [folder] request, _ in
            "\(try await request.multipartForm(filesIn: folder).fields.count)\n"
        }
    }

    static let large: MultipartLimits = {
        var limits = MultipartLimits()
        limits.fileBytes = 4 << 30
        limits.totalBytes = 5 << 30
        return limits
    }()

    static func isSame(_ found: Found, _ request: Request, _ pieces: [ByteBuffer]) async -> Bool {
        let other = await read(request, pieces)
        return other.status == found.status && other.error == found.error && other.parts.count == found.parts.count
            && zip(other.parts, found.parts).allSatisfy { one, two in
                one.name == two.name && one.file == two.file && one.type == two.type && one.hex == two.hex
            }
    }

    static func read(_ original: Request, _ pieces: [ByteBuffer]) async -> Found {
        let (stream, source) = AsyncStream.makeStream(of: ByteBuffer.self)
        for piece in pieces where piece.readableBytes > 0 { source.yield(piece) }
        source.finish()
        let request = Request(head: original.head, body: RequestBody(asyncSequence: stream))
        var found = Found()
        do {
            for try await part in request.multipart() {
                var bytes = ByteBuffer()
                for try await piece in part { bytes.writeImmutableBuffer(piece) }
                found.parts.append(
                    Found.Part(
                        name: part.name, file: part.unsafeFileName, type: part.claimedContentType, hex: hex(bytes)))
            }
        } catch let error as MultipartError {
            (found.status, found.error) = (error.status.code, error.description)
        } catch {
            (found.status, found.error) = (500, "\(error)")
        }
        return found
    }

    static func hex(_ bytes: ByteBuffer) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.readableBytesView.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
