/// The whole CGI response to a request that never reached a handler.
enum RefusalAnswer {
    static func bytes(_ status: Int) -> [UInt8] {
        let reason = reasonPhrase(status)
        let body = "\(status) \(reason)\n"
        return Array(
            """
            Status: \(status) \(reason)\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """.utf8)
    }

    private static func reasonPhrase(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        default: status < 500 ? "Request Refused" : "Service Refused"
        }
    }
}
