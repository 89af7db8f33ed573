public import Gatehouse
import GatehouseSystem
public import HTTPTypes
import Hummingbird

/// A folder of files that handlers give to those who may have them: uploads, invoices, exports.
///
/// ```swift
/// let invoices = Downloads(in: try context.stateFolder + "/invoices")
///
/// router.get("/invoices/:id") { request, context in
///     let invoice = try await store.invoice(context.parameters.require("id"), of: context.user)
///     return try await invoices.accelerated(invoice.file, as: .attachment("Invoice \(invoice.number).pdf"),
///         request, context)
/// }
/// ```
///
/// The handler decides, and the front server sends: the answer is a header with the file's path (`X-Accel-Redirect` or
/// `X-Sendfile`), and no worker holds a connection for a slow client. Where no front server is configured for it, the
/// worker sends the file itself, with ranges and conditions.
public struct Downloads: Sendable {
    private let folder: String
    private let acceleration: Acceleration

    private static let policy =
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"

    /// - Parameters:
    ///   - folder: the folder. Nothing outside of it can be sent, nor anything hidden in it, nor symbolic links by the
    ///     worker itself (for nginx that is `disable_symlinks`).
    ///   - acceleration: the way in which the front server sends files.
    public init(in folder: String, acceleration: Acceleration = .byFrontServer) {
        let path = Paths.absolute(folder)
        self.folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        self.acceleration = acceleration
    }

    /// The answer with a file.
    /// - Parameters:
    ///   - name: the file's path below the folder: `2026/07/17.pdf`. It may come from a client: an unsafe one is a 404.
    ///   - disposition: whether the browser saves or shows the file, and the name for it. A type that can contain
    ///     scripts (HTML, SVG, PDF and all that are not known) is saved, whatever this says.
    ///   - headers: further headers, such as `Cache-Control`; without that the answer is `private, no-cache`.
    ///   - request: the request that is answered, whose range and conditions count.
    ///   - context: its context.
    /// - Throws: `HTTPError` 404 if there is no such file; with a front server that sends it, that answers 404.
    public func accelerated(
        _ name: String, as disposition: ContentDisposition = .attachment(), headers: HTTPFields = [:],
        _ request: Request, _ context: some WebRequestContext
    ) async throws -> Response {
        guard let components = SafePath.components(name) else { throw HTTPError(.notFound) }
        var fields: HTTPFields = [
            .contentType: FileTypes.contentType(of: name), .cacheControl: "private, no-cache",
            .xContentTypeOptions: "nosniff",
        ]
        fields.replace(by: headers)
        var disposition = disposition
        if !FileTypes.isShownSafely(name) { disposition.isAttachment = true }
        if disposition.fileName == nil { disposition.fileName = components.last }
        fields[.contentDisposition] = disposition.text
        // A browser that shows the file all the same runs nothing of it.
        fields[.contentSecurityPolicy] = fields[.contentSecurityPolicy] ?? Self.policy
        let path = folder + "/" + components.joined(separator: "/")
        if let header = acceleration.header(for: path, in: context.gateway) {
            fields.append(header)
            return Response(status: .ok, headers: fields)
        }
        return try await streamed(components, fields, request)
    }

    private func streamed(_ components: [String], _ fields: HTTPFields, _ request: Request) async throws -> Response {
        let file: OpenFile
        do {
            file = try await BlockingThreads.run { () throws(OpenFile.Failure) in
                try OpenFile(components, in: folder)
            }
        } catch {
            throw error.answer()
        }
        return try await FileAnswer(headers: fields, file).response(to: RequestConditions(request)) {
            FileBody.make(file, $0)
        }
    }
}
