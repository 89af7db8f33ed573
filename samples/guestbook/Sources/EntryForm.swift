import GatehouseWeb

/// A new entry.
struct EntryForm: Form {
    static let largestPicture = 8 << 20

    var name: String
    var text: String
    var picture: UploadedFile?

    func validate(_ check: FormCheck) {
        check("name", name).singleLine().length(1...80)
        check("text", text).length(1...5_000)
        // By its first bytes: the name and the type that come with it are whatever the sender likes.
        check("picture", picture).satisfies("Choose a JPEG or a PNG file.") {
            $0.imageType == .jpeg || $0.imageType == .png
        }
    }

    /// The kinds of body that the form comes in, and how large they may be.
    static func body(filesIn folder: String) -> [FormBody] {
        var limits = MultipartLimits()
        limits.files = 1
        limits.fileBytes = largestPicture
        limits.totalBytes = largestPicture + 64 << 10
        return [.multipart(filesIn: folder, limits: limits)]
    }
}
