/// The variables that make a request line, and the one that names the request, found in one pass. The last one of each
/// name counts.
package struct CGIVariables {
    typealias Entry = GatewayVariables.Entry

    var requestID: Entry?
    var requestMethod: Entry?
    var https: Entry?
    var requestScheme: Entry?
    var host: Entry?
    var serverName: Entry?
    var serverPort: Entry?
    var requestURI: Entry?
    var documentURI: Entry?
    var scriptName: Entry?
    var pathInfo: Entry?
    var queryString: Entry?
    var scriptFilename: Entry?
    var serverSoftware: Entry?
    var contentType: Entry?
    /// The last CONTENT_LENGTH, unless that is empty.
    var contentLength: Entry?
    /// Whether two CONTENT_LENGTH that are not empty differ.
    var contentLengthsDiffer = false
    /// The last CONTENT_LENGTH that is not empty.
    private var statedLength: Entry?

    /// Finds the variables of one request.
    package init(_ parameters: GatewayVariables) {
        parameters.bytes.withUnsafeBufferPointer { bytes in
            for entry in parameters.entries { note(entry, bytes) }
        }
    }

    @inline(__always)
    private mutating func note(_ entry: Entry, _ bytes: UnsafeBufferPointer<UInt8>) {
        func isName(_ name: StaticString) -> Bool { GatewayVariables.isName(entry, name, in: bytes) }
        switch entry.nameLength {
        case 5: if isName("HTTPS") { https = entry }
        case 9:
            if isName("HTTP_HOST") { host = entry }
            if isName("PATH_INFO") { pathInfo = entry }
        case 10: if isName("REQUEST_ID") { requestID = entry }
        case 11:
            if isName("REQUEST_URI") { requestURI = entry }
            if isName("SERVER_NAME") { serverName = entry }
            if isName("SERVER_PORT") { serverPort = entry }
            if isName("SCRIPT_NAME") { scriptName = entry }
        case 12:
            if isName("CONTENT_TYPE") { contentType = entry }
            if isName("QUERY_STRING") { queryString = entry }
            if isName("DOCUMENT_URI") { documentURI = entry }
        case 14:
            if isName("REQUEST_METHOD") { requestMethod = entry }
            if isName("REQUEST_SCHEME") { requestScheme = entry }
            if isName("CONTENT_LENGTH") { noteLength(entry, bytes) }
        case 15:
            if isName("SCRIPT_FILENAME") { scriptFilename = entry }
            if isName("SERVER_SOFTWARE") { serverSoftware = entry }
        default: break
        }
    }

    /// Remembers a CONTENT_LENGTH. An empty one cancels the one before it: nginx's manual sets an empty one after
    /// `include fastcgi_params` for a subrequest without a body (`auth_request`).
    private mutating func noteLength(_ entry: Entry, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard entry.valueLength > 0 else { return contentLength = nil }
        if let earlier = statedLength, !isSameNumber(earlier, entry, bytes) { contentLengthsDiffer = true }
        statedLength = entry
        contentLength = entry
    }

    private func isSameNumber(_ one: Entry, _ other: Entry, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let one = GatewayVariables.number(one, in: bytes), let other = GatewayVariables.number(other, in: bytes)
        else {
            return false
        }
        return one == other
    }
}
