import Gatehouse
public import Hummingbird
import Logging
import NIOCore

extension Views {
    /// Answers a request with a page.
    ///
    /// The Content-Type is that of the template's file: `text/html`, `application/xml` or `text/plain`, in UTF-8. In
    /// development a mistake becomes a page that shows the template's lines around it.
    /// - Parameters:
    ///   - name: the template's name.
    ///   - value: the page's values: anything `Encodable`, or a ``ViewValue``.
    ///   - context: the request's context, for global values.
    ///   - status: the answer's status.
    ///   - headers: further header fields.
    /// - Throws: as ``render(_:_:context:)``; nobody needs to catch it, since it becomes a 500 and a line in the log.
    public func page(
        _ name: String, _ value: some Encodable, _ context: some WebRequestContext,
        status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        do {
            let body = try render(name, value, context: context)
            return Response(
                status: status, headers: try self.headers(of: name, headers), body: ResponseBody(byteBuffer: body))
        } catch {
            guard let page = developmentPage(error) else { throw error }
            return page
        }
    }

    /// A page without values of its own.
    /// - Throws: as ``render(_:_:context:)``.
    public func page(
        _ name: String, _ context: some WebRequestContext, status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) throws -> Response {
        try page(name, [:] as ViewValue, context, status: status, headers: headers)
    }

    /// Answers a request with a page that is sent while it is written, for long lists: never more than a piece of it is
    /// in memory, and a client that reads slowly makes ``ViewRows`` wait.
    ///
    /// The first piece is written before the answer begins, so that a mistake in it is a 500. A mistake further on
    /// breaks the answer off, which the client sees.
    /// - Throws: as ``render(_:_:context:)``.
    public func stream(
        _ name: String, _ value: some Encodable, _ context: some WebRequestContext,
        status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        do {
            let page = StreamedPage(try renderer(name, value, context: context, canWait: true))
            try page.begin()
            let views = self
            let body = ResponseBody { writer in
                try await page.write(to: &writer)
                views.log(page.notes)
                try await writer.finish(nil)
            }
            return Response(status: status, headers: try self.headers(of: name, headers), body: body)
        } catch {
            guard let page = developmentPage(error) else { throw error }
            return page
        }
    }

    private func headers(of name: String, _ headers: HTTPFields) throws -> HTTPFields {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = try shelf.templates[name]?.kind.contentType }
        return headers
    }

    private func developmentPage(_ error: any Error) -> Response? {
        guard mode == .development, let html = MistakePage.html(error, try? shelf.sources()) else { return nil }
        logger.error("\(error)")
        return Response(
            status: .internalServerError,
            headers: [.contentType: Template.Kind.html.contentType, .contentSecurityPolicy: MistakePage.policy],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}
