import FoundationEssentials
import Gatehouse
import GatehouseWeb

/// The files of pictures: what was uploaded until its thumbnail is made, and the thumbnails.
struct Pictures: Sendable {
    let folder: String
    private let downloads: Downloads

    /// - Parameter folder: the folder, which the front server must be able to enter if it is to send the thumbnails.
    init(folder: String) throws {
        self.folder = folder
        downloads = Downloads(in: folder)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
    }

    /// Keeps what was uploaded until the job comes to it.
    func keep(_ upload: UploadedFile, of entry: UUID) async throws {
        try await upload.keep(at: uploadPath(entry), mode: 0o600)
    }

    /// Makes the thumbnail, and forgets what was uploaded: that may say where it was taken.
    /// - Returns: what has become of the picture.
    func makeThumbnail(of entry: UUID) async throws -> Entry.Picture {
        let (upload, thumbnail) = (uploadPath(entry), thumbnailPath(entry))
        let bytes: [UInt8]
        do {
            bytes = try await BlockingThreads.run { [UInt8](try Data(contentsOf: URL(filePath: upload))) }
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            return .unreadable
        }
        guard let type = ImageType(startingWith: bytes) else { return .unreadable }
        let small: [UInt8]
        do {
            small = try await Thumbnails.make(of: bytes, type: type)
        } catch let error as ProgramError {
            // A program that ran, and did not like the file, will not like it the next time. All else may pass.
            guard case .failed = error.kind else { throw error }
            return .unreadable
        }
        try await BlockingThreads.run {
            // Readable to the front server, whatever this process's umask is.
            let isWritten = FileManager.default.createFile(
                atPath: thumbnail, contents: Data(small), attributes: [.posixPermissions: 0o644])
            guard isWritten else { throw CocoaError(.fileWriteUnknown) }
        }
        return .ready
    }

    /// The answer with a thumbnail: by the front server, if it is set up for that.
    func response(of entry: UUID, _ request: Request, _ context: AppContext) async throws -> Response {
        try await downloads.accelerated(
            "\(entry).jpg", as: .inline(), headers: [.cacheControl: "max-age=86400, immutable"], request, context)
    }

    func removeUpload(of entry: UUID) async throws { try await remove([uploadPath(entry)]) }

    func removeAll(of entry: UUID) async throws { try await remove([uploadPath(entry), thumbnailPath(entry)]) }

    private func remove(_ files: [String]) async throws {
        try await BlockingThreads.run {
            for file in files where FileManager.default.fileExists(atPath: file) {
                try FileManager.default.removeItem(atPath: file)
            }
        }
    }

    private func uploadPath(_ entry: UUID) -> String { "\(folder)/\(entry).upload" }
    private func thumbnailPath(_ entry: UUID) -> String { "\(folder)/\(entry).jpg" }
}
