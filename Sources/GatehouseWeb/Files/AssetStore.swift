import Gatehouse
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// The table of assets in use, and the answers that it gives.
final class AssetStore: Sendable {
    private let folder: AssetFolder
    private let mode: ModuleMode
    /// The beginning of every address: `/blog/assets/`.
    private let prefix: String
    private let logger: Logger
    private let table: Mutex<AssetTable>
    /// Unknown names that the log has already, a bounded number.
    private let reported = Mutex<Set<String>>([])

    /// Reads the folder. Blocks.
    init(_ folder: AssetFolder, mode: ModuleMode, prefix: String, logger: Logger) throws(AssetError) {
        self.folder = folder
        self.mode = mode
        self.prefix = prefix
        self.logger = logger
        table = Mutex(try AssetTable(folder, rewrites: mode != .development))
    }

    // MARK: Addresses

    func address(of name: String) throws(AssetError) -> String {
        if mode == .development { try refresh() }
        if let file = table.withLock({ $0.files[name] }) {
            return prefix + PercentCoding.encodedPath(mode == .development ? name : file.fingerprintedName)
        }
        let error = AssetError("\(folder.label)/\(name)", "there is no such file")
        guard mode == .production else { throw error }
        let isNew = reported.withLock { $0.count < 100 && $0.insert(name).inserted }
        if isNew { logger.error("a page asks for an asset that is not there: \(error)") }
        return prefix + PercentCoding.encodedPath(name)
    }

    /// Reads the folder again if a file of it has changed. For development: it blocks.
    private func refresh() throws(AssetError) {
        var stamps: [String: FileStamp] = [:]
        for (name, stamp) in try folder.files() { stamps[name] = stamp }
        if table.withLock({ $0.stamps == stamps }) { return }
        let fresh = try AssetTable(folder, rewrites: false)
        table.withLock { $0 = fresh }
    }

    // MARK: Answers

    /// - Parameter name: the path below the prefix, as it is in the address.
    func respond(to request: Request, name: Substring) async throws -> Response {
        if mode == .development { try await BlockingThreads.run { () throws(AssetError) in try refresh() } }
        guard let name = PercentCoding.decoded(name) else { throw HTTPError(.notFound) }
        let (file, isFingerprinted) = table.withLock { table -> (AssetFile?, Bool) in
            if let file = table.fingerprinted[name] { return (file, true) }
            if let file = table.files[name] { return (file, false) }
            // A page of the version before, or of the one to come, is better served with this version than not at all.
            return (AssetFile.plainName(name).flatMap { table.files[$0] }, false)
        }
        guard let file else { throw HTTPError(.notFound) }
        var headers: HTTPFields = [.contentType: file.contentType]
        headers[.cacheControl] = isFingerprinted ? "public, max-age=31536000, immutable" : "no-cache"
        if !file.encodings.isEmpty {
            headers[.vary] = "Accept-Encoding"
            if let encoding = encoding(of: file, for: request) {
                headers[.contentEncoding] = encoding.coding
                return try await answer(
                    headers, .strong("\(file.etag.name)-\(encoding.coding)"), encoding.path, encoding.stamp,
                    encoding.content, request)
            }
        }
        return try await answer(headers, file.etag, file.path, file.stamp, file.content, request)
    }

    /// The compressed copy that the client likes best; `nil` for the file itself, which ranges are of, too.
    private func encoding(of file: AssetFile, for request: Request) -> AssetFile.Encoding? {
        guard request.headers[.range] == nil, let list = WeightedList(request.headers[.acceptEncoding]) else {
            return nil
        }
        return file.encodings.max { list.weight(ofCoding: $0.coding) < list.weight(ofCoding: $1.coding) }
            .flatMap { best in
                // The first of equal ones, which is the smallest.
                let weight = list.weight(ofCoding: best.coding)
                return weight > 0 ? file.encodings.first { list.weight(ofCoding: $0.coding) == weight } : nil
            }
    }

    private func answer(
        _ headers: HTTPFields, _ etag: ETag, _ path: String, _ stamp: FileStamp, _ content: ByteBuffer?,
        _ request: Request
    ) async throws -> Response {
        if let content {
            let answer = FileAnswer(
                headers: headers, etag: etag, modified: stamp.modified, size: Int64(content.readableBytes))
            return try await answer.response(to: RequestConditions(request)) { range in
                let part = content.getSlice(
                    at: content.readerIndex + Int(range.lowerBound), length: Int(range.count))
                return ResponseBody(byteBuffer: part ?? ByteBuffer())
            }
        }
        let file: OpenFile
        do {
            file = try await BlockingThreads.run { () throws(OpenFile.Failure) in try OpenFile(path: path) }
        } catch {
            throw error.answer()
        }
        var answer = FileAnswer(headers: headers, etag: etag, modified: stamp.modified, size: stamp.size)
        if file.stamp != stamp {
            // Changed under a running worker: sent as it is, but not to be kept.
            answer = FileAnswer(
                headers: headers, etag: file.stamp.etag, modified: file.stamp.modified, size: file.stamp.size)
            answer.headers[.cacheControl] = "no-cache"
        }
        return try await answer.response(to: RequestConditions(request)) { FileBody.make(file, $0) }
    }
}

extension WeightedList {
    /// The weight of a content coding (RFC 9110, section 12.5.3); 0 if it is not named.
    func weight(ofCoding coding: String) -> Int {
        (items.first { $0.name == coding } ?? items.first { $0.name == "*" })?.weight ?? 0
    }
}
