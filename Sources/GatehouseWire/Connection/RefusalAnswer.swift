/// The whole CGI response to a request that never reached a handler.
enum RefusalAnswer {
    static func bytes(_ status: Int) -> [UInt8] {
        let reason = ReasonPhrase.of(status)
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
}
