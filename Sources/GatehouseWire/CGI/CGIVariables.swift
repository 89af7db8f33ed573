/// The variables that make a request line, and those that name the request and its client, found in one pass. The last
/// one of each name counts.
package struct CGIVariables {
    typealias Entry = GatewayVariables.Entry
    /// The position of a pair among all; negative if there is none.
    typealias Position = Int32

    var requestID: Position = -1
    var requestMethod: Position = -1
    var https: Position = -1
    var requestScheme: Position = -1
    var host: Position = -1
    var serverName: Position = -1
    var serverPort: Position = -1
    var requestURI: Position = -1
    var documentURI: Position = -1
    var scriptName: Position = -1
    var pathInfo: Position = -1
    var queryString: Position = -1
    var scriptFilename: Position = -1
    var serverSoftware: Position = -1
    var contentType: Position = -1
    var remoteAddress: Position = -1
    var remotePort: Position = -1
    /// The last CONTENT_LENGTH. An empty one counts as none, and cancels the one before it: nginx's manual sets an
    /// empty one after `include fastcgi_params` for a subrequest without a body (`auth_request`).
    var contentLength: Position = -1
    /// Whether two CONTENT_LENGTH that are not empty differ.
    var contentLengthsDiffer = false

    /// Finds the variables of one request.
    package init(_ parameters: GatewayVariables) {
        if let names = parameters.names {
            self = names.variables
        } else {
            self = parameters.bytes.withUnsafeBufferPointer { Self(parameters.entries, in: $0) }
        }
    }

    init(_ entries: [Entry], in bytes: UnsafeBufferPointer<UInt8>) {
        var position: Position = 0
        var statedLength: Entry?
        for entry in entries {
            note(entry, at: position, bytes, &statedLength)
            position += 1
        }
    }

    @inline(__always)
    private mutating func note(
        _ entry: Entry, at position: Position, _ bytes: UnsafeBufferPointer<UInt8>, _ statedLength: inout Entry?
    ) {
        func isName(_ name: StaticString) -> Bool { GatewayVariables.isName(entry, name, in: bytes) }
        switch entry.nameLength {
        case 5: if isName("HTTPS") { https = position }
        case 9:
            if isName("HTTP_HOST") { host = position }
            if isName("PATH_INFO") { pathInfo = position }
        case 10: if isName("REQUEST_ID") { requestID = position }
        case 11:
            if isName("REQUEST_URI") { requestURI = position }
            if isName("SERVER_NAME") { serverName = position }
            if isName("SERVER_PORT") { serverPort = position }
            if isName("SCRIPT_NAME") { scriptName = position }
            if isName("REMOTE_ADDR") { remoteAddress = position }
            if isName("REMOTE_PORT") { remotePort = position }
        case 12:
            if isName("CONTENT_TYPE") { contentType = position }
            if isName("QUERY_STRING") { queryString = position }
            if isName("DOCUMENT_URI") { documentURI = position }
        case 14:
            if isName("REQUEST_METHOD") { requestMethod = position }
            if isName("REQUEST_SCHEME") { requestScheme = position }
            if isName("CONTENT_LENGTH") {
                contentLength = position
                noteLength(entry, bytes, &statedLength)
            }
        case 15:
            if isName("SCRIPT_FILENAME") { scriptFilename = position }
            if isName("SERVER_SOFTWARE") { serverSoftware = position }
        default: break
        }
    }

    /// Compares a CONTENT_LENGTH with the one before it, if both state a length.
    private mutating func noteLength(
        _ entry: Entry, _ bytes: UnsafeBufferPointer<UInt8>, _ statedLength: inout Entry?
    ) {
        guard entry.valueLength > 0 else { return }
        if let earlier = statedLength, !isSameNumber(earlier, entry, bytes) { contentLengthsDiffer = true }
        statedLength = entry
    }

    private func isSameNumber(_ one: Entry, _ other: Entry, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let one = GatewayVariables.number(one, in: bytes), let other = GatewayVariables.number(other, in: bytes)
        else {
            return false
        }
        return one == other
    }
}
