public import GatehouseServer
public import HTTPTypes
public import Hummingbird

extension GatewayRequest {
    /// The answer with a file, which the front server sends if it says that it can, and the worker otherwise.
    ///
    /// ```swift
    /// router.get("/invoices/:id") { request, context in
    ///     let invoice = try await store.invoice(context.parameters.require("id"), of: context.user)
    ///     let path = "/srv/invoices/\(invoice.number).pdf"
    ///     return try await context.gateway.sendFile(path, contentType: "application/pdf")
    /// }
    /// ```
    ///
    /// A front server that has set `GATEHOUSE_SENDFILE` (see ``Acceleration/byFrontServer``) gets the path in a header
    /// (`X-Accel-Redirect` or `X-Sendfile`), and the worker is done: it does not open the file, and no slow client
    /// holds it up. Otherwise the worker sends the file with ETag, Last-Modified, conditions (304, 412) and ranges
    /// (206, 416); a piece that is in the system's memory is read at once, others on threads that may wait, and a
    /// client that takes nothing makes it wait. A file that becomes shorter while it is sent breaks the answer off.
    ///
    /// > Warning: The path is the module's word and never the client's. Nothing keeps it in a folder: make it of a
    /// > number or a name that you have made yourself and looked up, as above. For names from clients there is
    /// > `Downloads` in GatehouseWeb, which cannot leave its folder. And the caller decides who may have the file:
    /// > whoever gets this answer gets it.
    ///
    /// - Parameters:
    ///   - path: the file's absolute path, without `.`, `..` and control characters. A symbolic link in its last place
    ///     is not followed by the worker (for nginx, see `disable_symlinks`).
    ///   - contentType: the type. The answer also has `X-Content-Type-Options: nosniff`, so that no browser sees
    ///     another. Content of strangers that may have scripts (HTML, SVG, PDF) is sent with
    ///     `Content-Disposition: attachment`.
    ///   - headers: further headers, such as `Cache-Control` and `Content-Disposition`. nginx keeps these two, and
    ///     `Content-Type`, `Expires`, `Set-Cookie`; others are set in its location.
    ///   - acceleration: the way in which the front server sends files.
    /// - Throws: `HTTPError` 404 if there is no such regular file, or it may not be read; 412 and 416 for conditions
    ///   and ranges that do not hold; ``FilePathError`` for a path that cannot be sent, which is the module's mistake.
    ///   With a front server that sends the file, that answers these.
    public func sendFile(
        _ path: String, contentType: String = "application/octet-stream", headers: HTTPFields = [:],
        by acceleration: Acceleration = .byFrontServer
    ) async throws -> Response {
        guard FilePathError.isSendable(path) else { throw FilePathError(path: path) }
        var fields: HTTPFields = [.contentType: contentType, .xContentTypeOptions: "nosniff"]
        for field in headers { fields[field.name] = nil }
        fields.append(contentsOf: headers)
        if let header = acceleration.header(for: path, in: self) {
            fields.append(header)
            return Response(status: .ok, headers: fields)
        }
        let file: OpenFile
        do {
            file = try await BlockingThreads.run { () throws(OpenFile.Failure) in try OpenFile(path: path) }
        } catch {
            throw error.answer()
        }
        return try await FileAnswer(headers: fields, file).response(to: RequestConditions(self)) {
            FileBody.make(file, $0)
        }
    }
}

/// A path that `GatewayRequest.sendFile` does not take: it is not absolute, or has `.`,
/// `..`, an empty component, or a control character. A mistake of the module, answered with 500.
public struct FilePathError: Error, CustomStringConvertible {
    /// The path as it was given.
    public let path: String

    public var description: String {
        "sendFile wants an absolute path without \".\", \"..\" and control characters, and got \(path.debugDescription)"
    }

    static func isSendable(_ path: String) -> Bool {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return false
        }
        return path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }
}
