import GatehouseClient
public import GatehouseWire
public import HTTPTypes

extension ModuleTester {
    /// An HTTP request as a front server receives it from a client.
    public struct Request: Sendable {
        /// The method; `GET` by default.
        public var method: HTTPRequest.Method

        /// The path with its query, as on the request line: `/notes?page=2`. Relative to the module's mount path.
        public var target: String

        /// The headers. `Host: localhost` is added if there is no `Host`, and `Content-Length` if there is a body.
        public var headers: HTTPFields

        /// The body's bytes.
        public var body: [UInt8]

        /// CGI variables (RFC 3875, section 4.1) that replace the front server's own variables of the same names, or
        /// are added to them: `["HTTPS": "on", "REMOTE_USER": "ann"]`.
        public var variables: [String: String]

        /// The role that the front server asks the module to play (FastCGI 1.0, section 6); SCGI and uwsgi
        /// know only the responder.
        public var role: RequestRole

        /// Makes a request.
        public init(
            method: HTTPRequest.Method = .get, target: String, headers: HTTPFields = [:], body: [UInt8] = [],
            variables: [String: String] = [:], role: RequestRole = .responder
        ) {
            self.method = method
            self.target = target
            self.headers = headers
            self.body = body
            self.variables = variables
            self.role = role
        }
    }

    /// A whole HTTP response as a front server receives it from the module.
    public struct Response: Sendable, Equatable {
        /// The status.
        public var status: HTTPResponse.Status

        /// The headers, without those that a front server would add.
        public var headers: HTTPFields

        /// The body's bytes.
        public var body: [UInt8]

        /// The body read as UTF-8; bytes that are not UTF-8 are replaced by U+FFFD.
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// The error of an exchange that ended without a whole response.
    public struct NoResponse: Error, Sendable, Equatable, CustomStringConvertible {
        /// The kind of failure; open, so that a new one breaks no `switch` in a test.
        public struct Code: RawRepresentable, Hashable, Sendable {
            /// The code's name.
            public var rawValue: String

            /// Makes a code from its name.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// The response was cut off, as it is if a handler throws after it has begun to answer.
            public static let brokenOff = Code(rawValue: "broken off")
            /// The response was not complete within the timeout.
            public static let timedOut = Code(rawValue: "timed out")
            /// The response breaks the gateway protocol or CGI (RFC 3875, section 6).
            public static let malformed = Code(rawValue: "malformed")
            /// The front server could not send the request: its target or its role, or a failed system call.
            public static let notSent = Code(rawValue: "not sent")
        }

        /// The kind of failure.
        public var code: Code

        /// The reason in words.
        public var description: String
    }
}

// MARK: The client's side

extension ClientRequest {
    init(_ request: ModuleTester.Request) {
        self.init(
            method: request.method.rawValue, target: request.target,
            headers: request.headers.map { ClientHeader($0.name.rawName, $0.value) }, body: request.body,
            // Sorted, so that a test sends the same bytes in every run.
            extraParameters: request.variables.sorted { $0.key < $1.key }.map { ClientParameter($0.key, $0.value) },
            role: request.role)
    }
}

extension ModuleTester.Response {
    init(_ response: ClientResponse) throws(ModuleTester.NoResponse) {
        status = HTTPResponse.Status(code: response.head.status, reasonPhrase: response.head.reason)
        headers = HTTPFields()
        for header in response.head.headers {
            guard let name = HTTPField.Name(header.name) else {
                throw ModuleTester.NoResponse(
                    code: .malformed, description: "the response has a header named \(header.name.debugDescription)")
            }
            headers.append(HTTPField(name: name, value: header.value))
        }
        body = response.body
    }
}

extension ModuleTester.NoResponse {
    init(_ error: GatewayClientError) {
        code =
            switch error.code {
            case .closed: .brokenOff
            case .timeout: .timedOut
            case .violation: .malformed
            default: .notSent
            }
        description = error.description
    }
}
