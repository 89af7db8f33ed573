public import Hummingbird

extension Request {
    /// A whole multipart/form-data body (RFC 7578): fields in memory, files in temporary files.
    ///
    /// ```swift
    /// let form = try await request.multipartForm(filesIn: uploads)
    /// guard let picture = form.file("picture") else { throw HTTPError(.badRequest, message: "choose a picture") }
    /// try await picture.keep(at: "\(uploads)/\(id)")
    /// ```
    /// - Parameters:
    ///   - folder: the absolute path of the folder on whose file system the files are, which they never appear in
    ///     unless they are kept. Name the one that they are to be kept in, or keeping copies them.
    ///   - limits: the most that the body may have of each thing.
    /// - Throws: ``MultipartError`` if the body is wrong or has too much, ``UploadError`` if a file cannot be written.
    public func multipartForm(
        filesIn folder: String = "/var/tmp", limits: MultipartLimits = MultipartLimits()
    ) async throws -> MultipartForm {
        var form = MultipartForm()
        for try await part in multipart(limits) {
            guard part.isFile else {
                form.fields.append((part.name, try await part.text()))
                continue
            }
            let file = try await part.store(in: folder)
            // A browser sends this if nobody has chosen a file.
            if file.size == 0, file.unsafeName.isEmpty { continue }
            form.files.append((part.name, file))
        }
        return form
    }
}

/// A form with files, as it was sent: see ``Hummingbird/Request/multipartForm(filesIn:limits:)``.
public struct MultipartForm: Sendable {
    /// The fields in their order. A name may come more than once.
    public var fields: [(name: String, value: String)] = []

    /// The files in their order. A name may come more than once.
    public var files: [(name: String, file: UploadedFile)] = []

    /// Makes a form without anything.
    public init() {}

    /// The last value of a field; `nil` if it did not come.
    public subscript(name: String) -> String? { fields.last { $0.name == name }?.value }

    /// All values of a field in their order.
    public func values(_ name: String) -> [String] { fields.lazy.filter { $0.name == name }.map(\.value) }

    /// The last file of a name; `nil` if nobody has chosen one.
    public func file(_ name: String) -> UploadedFile? { files.last { $0.name == name }?.file }

    /// All files of a name in their order, of `<input type=file multiple>`.
    public func files(_ name: String) -> [UploadedFile] { files.lazy.filter { $0.name == name }.map(\.file) }
}
