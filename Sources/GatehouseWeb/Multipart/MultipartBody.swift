public import Hummingbird

extension Request {
    /// A whole multipart/form-data body (RFC 7578): fields in memory, files in temporary files without names.
    ///
    /// ```swift
    /// let form = try await request.multipartForm(filesIn: uploads)
    /// guard let picture = form.file("picture") else { throw HTTPError(.badRequest, message: "choose a picture") }
    /// try await picture.keep(at: "\(uploads)/\(id)")
    /// ```
    /// - Parameters:
    ///   - folder: the absolute path of the folder on whose file system the files are. Name the one that they are to be
    ///     kept in, or keeping copies them.
    ///   - limits: the most that the body may have of each thing.
    /// - Throws: ``MultipartError`` if the body is wrong or has too much, ``UploadError`` if a file cannot be written.
    public func multipartForm(
        filesIn folder: String = "/var/tmp", limits: MultipartLimits = MultipartLimits()
    ) async throws -> FormFields {
        var form = FormFields()
        for try await part in multipart(limits) {
            guard part.isFile else {
                form.append(part.name, try await part.text())
                continue
            }
            let file = try await part.store(in: folder)
            if !file.isEmpty { form.attach(part.name, file) }
        }
        return form
    }
}

extension FormBody {
    /// `multipart/form-data`, which browsers send for a form with files (`enctype="multipart/form-data"`):
    ///
    /// ```swift
    /// let form = try await request.fields(accepting: [.multipart(filesIn: uploads)])
    /// ```
    ///
    /// The parameters are those of `request.multipartForm(filesIn:limits:)`. The limits of forms in
    /// general hold for the fields, too, except the one on all bytes.
    public static func multipart(
        filesIn folder: String = "/var/tmp", limits: MultipartLimits = MultipartLimits()
    ) -> FormBody {
        FormBody(mediaType: "multipart/form-data") { request, formLimits in
            var limits = limits
            limits.fieldBytes = min(limits.fieldBytes, formLimits.valueBytes)
            limits.nameBytes = min(limits.nameBytes, formLimits.nameBytes)
            let form = try await request.multipartForm(filesIn: folder, limits: limits)
            guard form.fields.count <= formLimits.fields else {
                throw FormError(.tooManyFields(limit: formLimits.fields))
            }
            return form
        }
    }
}

extension UploadedFile: FormAttachment {
    /// Whether it has neither bytes nor a name, as what a browser sends if nobody has chosen a file.
    public var isEmpty: Bool { size == 0 && unsafeName.isEmpty }

    /// A file without anything.
    public static let placeholder = UploadedFile(
        file: UnnamedFile(), size: 0, start: [], unsafeName: "", claimedContentType: nil)
}

extension FormFields {
    /// The last file of a name; `nil` if nobody has chosen one.
    public func file(_ name: String) -> UploadedFile? { files(name).last }

    /// All files of a name in their order, as `<input type="file" multiple>` sends them.
    public func files(_ name: String) -> [UploadedFile] {
        attachments.compactMap { $0.name == name ? $0.value as? UploadedFile : nil }
    }
}
