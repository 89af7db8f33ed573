public import Gatehouse
import GatehouseServer
import HTTPTypes
public import Hummingbird
import Logging

/// Middleware that makes a page of every error: HTML for browsers, `application/problem+json` for programs (RFC 9457).
///
/// ```swift
/// router.add(middleware: ErrorPages(mode: context.mode))
/// ```
///
/// It takes errors that handlers throw, and responses of 400 and more without a body. A handler's own page stays. An
/// unexpected error is a 500, and the log has it once, with the request's id; the page has the id, and the error itself
/// only in development. A 404 and a 405 of the router get here too; what Gatehouse answers before any module does not.
public struct ErrorPages<Context: WebRequestContext>: RouterMiddleware {
    /// Makes a page of a problem; `nil` for the plain one. The answer's status becomes the problem's, and the problem's
    /// headers are added.
    public typealias Page = @Sendable (Problem, Request, Context) async throws -> Response?

    private let mode: ModuleMode
    private let page: Page?

    /// - Parameters:
    ///   - mode: `context.mode` of the module; in development pages show the error.
    ///   - page: makes the pages for browsers, with a template for example; `nil` for plain ones. An error in it is
    ///     logged, and the client gets the plain page.
    public init(mode: ModuleMode, page: Page? = nil) {
        self.mode = mode
        self.page = page
    }

    /// Answers the request, or makes the page of its error.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            let response = try await next(request, context)
            guard response.status.code >= 400, response.body.contentLength == 0 else { return response }
            return await answer(
                problem(response.status, response.headers, detail: nil, error: nil, context), request, context)
        } catch let error as CancellationError where Task.isCancelled {
            throw error
        } catch let error as HTTPError {
            if error.status.code >= 500 { log(error, .error, "\(error)", request, context) }
            return await answer(
                problem(error.sentStatus, error.headers, detail: error.body, error: error, context), request, context)
        } catch let error as any HTTPResponseError {
            return await answer(error, request, context)
        } catch {
            let failure = Failure(error)
            log(error, failure.logLevel, failure.reason, request, context)
            return await answer(problem(failure.status, [:], detail: nil, error: error, context), request, context)
        }
    }

    /// Answers an error that makes its own response: that stays for programs, and for browsers if it is no JSON.
    private func answer(
        _ error: any HTTPResponseError, _ request: Request, _ context: Context
    ) async -> Response {
        do {
            let response = try error.response(from: request, context: context)
            let type = response.headers[.contentType] ?? ""
            let isJSON = type.hasPrefix("application/json") || type.hasPrefix("application/problem+json")
            if response.body.contentLength != 0, !isJSON || !wantsHTML(request) { return response }
            return await answer(
                problem(
                    response.status, response.headers, detail: (error as? any ErrorForClients)?.description,
                    error: error, context), request, context)
        } catch {
            log(error, .error, "the error's response cannot be made: \(error)", request, context)
            return await answer(
                problem(.internalServerError, [:], detail: nil, error: error, context), request, context)
        }
    }

    private func problem(
        _ status: HTTPResponse.Status, _ headers: HTTPFields, detail: String?, error: (any Error)?, _ context: Context
    ) -> Problem {
        let shows = mode == .development
        return Problem(
            status: status, headers: headers, detail: status.code < 500 || shows ? detail : nil,
            requestID: context.gateway.requestID,
            error: shows ? error.map { "\(type(of: $0)): \($0)" } : nil)
    }

    private func answer(_ problem: Problem, _ request: Request, _ context: Context) async -> Response {
        var response: Response
        do {
            if wantsHTML(request) {
                response = try await page?(problem, request, context) ?? problem.html()
            } else {
                response = try problem.json()
            }
        } catch {
            log(error, .error, "the error page failed: \(error)", request, context)
            response = problem.html()
        }
        response.status = problem.status
        for field in problem.headers where field.name != .contentType && field.name != .contentLength {
            response.headers.append(field)
        }
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        response.headers.append(HTTPField(name: .vary, value: "Accept"))
        return response
    }

    private func wantsHTML(_ request: Request) -> Bool {
        // A program may ask for either name of what it gets.
        request.prefers(.textHtml, to: .applicationJson)
            && request.prefers(.textHtml, to: MediaType(type: .application, subType: "problem+json"))
    }

    private func log(
        _ error: any Error, _ level: Logger.Level, _ message: String, _ request: Request, _ context: Context
    ) {
        context.logger.log(
            level: level, "\(message)",
            metadata: ["request": "\(request.method) \(context.mountPath)\(request.uri.path)"])
    }
}

/// An error whose text is meant for the client, and has nothing that it must not see.
protocol ErrorForClients: HTTPResponseError, CustomStringConvertible {}

extension FormErrors: ErrorForClients {}
extension MultipartError: ErrorForClients {}
