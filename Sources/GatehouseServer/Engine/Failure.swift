import GatehouseWire
package import HTTPTypes
package import Logging

/// A request's failure as the client and the log see it: the one place where errors turn into statuses and log levels.
package struct Failure: Sendable, Equatable {
    package var status: HTTPResponse.Status
    package var logLevel: Logger.Level
    package var reason: String
    /// The error for a handler that still reads the body.
    package var bodyError = BodyError.Code.aborted
    /// The seconds of Retry-After; `nil` for none.
    package var retryAfter: Int?

    package init(status: HTTPResponse.Status, logLevel: Logger.Level, reason: String) {
        self.status = status
        self.logLevel = logLevel
        self.reason = reason
    }

    package init(_ error: any Error) {
        switch error {
        case let error as BadRequest:
            self.init(status: Self.status(error.httpStatus), logLevel: .notice, reason: error.reason)
        case let error as Refusal:
            self.init(status: Self.status(error.httpStatus ?? 500), logLevel: .notice, reason: error.reason)
        case let error as BodyError:
            self.init(
                status: Self.status(of: error.code), logLevel: .notice,
                reason: error.description + Self.limit(of: error.code))
            bodyError = error.code
        case let error as ResponseMisuse:
            self.init(status: .internalServerError, logLevel: .error, reason: error.description)
        case let error as ResponseHeadError:
            self.init(
                status: .internalServerError, logLevel: .error,
                reason: "the response cannot be sent: \(error.description)")
        default:
            self.init(status: .internalServerError, logLevel: .error, reason: "the handler threw: \(error)")
        }
    }

    private static func status(_ code: Int) -> HTTPResponse.Status {
        .init(code: code, reasonPhrase: ReasonPhrase.of(code))
    }

    package static let noMount = Failure(status: .notFound, logLevel: .info, reason: "no module is mounted there")
    package static func quarantined(seconds: Int) -> Failure {
        var failure = Failure(
            status: .serviceUnavailable, logLevel: .notice,
            reason: "the route is quarantined, because such requests have killed workers")
        failure.retryAfter = seconds
        return failure
    }
    /// Not 503: a front server that tries again after a 503 would crash the next worker too.
    package static let hasCrashedWorker = Failure(
        status: .internalServerError, logLevel: .notice,
        reason: "the request has crashed a worker a moment ago, and is not given to another one")
    package static let overloaded = Failure(
        status: .serviceUnavailable, logLevel: .warning, reason: "too many handlers of aborted requests still run")
    package static let workerEnds = Failure(
        status: .serviceUnavailable, logLevel: .warning, reason: "the worker ended before the request did")
    package static let connectionBroken = Failure(
        status: .serviceUnavailable, logLevel: .warning,
        reason: "ended with its connection, because another answer on it broke off")
    package static let noAnswer = Failure(
        status: .internalServerError, logLevel: .error, reason: "the handler did not answer")
    package static let stalled = Failure(
        status: .serviceUnavailable, logLevel: .warning,
        reason: "the handler does not read its body and holds up the other requests of its connection")
    package static let tookTooLong = Failure(
        status: .gatewayTimeout, logLevel: .warning,
        reason: "the request took longer than its limit (\"request\" in limits)")

    /// The key of the configuration that sets the limit, for the reader of the log.
    private static func limit(of code: BodyError.Code) -> String {
        switch code {
        case .tooLarge: " (\"body\" in limits)"
        case .timedOut: " (\"body-idle\" in limits)"
        default: ""
        }
    }

    private static func status(of code: BodyError.Code) -> HTTPResponse.Status {
        switch code {
        case .tooLarge: .contentTooLarge
        case .timedOut: .requestTimeout
        default: .badRequest
        }
    }
}

/// A module's mistake that keeps its response from being sent.
public enum ResponseMisuse: Error, Sendable, Equatable, CustomStringConvertible {
    /// More bytes than the response's Content-Length announced.
    case longerThanDeclared(Int)
    /// Fewer bytes than the response's Content-Length announced.
    case shorterThanDeclared(declared: Int, written: Int)
    /// Bytes after the end.
    case afterEnd

    /// The mistake in words.
    public var description: String {
        switch self {
        case .longerThanDeclared(let length): "the response is longer than its Content-Length of \(length)"
        case .shorterThanDeclared(let declared, let written):
            "the response ended after \(written) bytes, its Content-Length is \(declared)"
        case .afterEnd: "the handler wrote after its response's end"
        }
    }
}
