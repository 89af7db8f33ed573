/// What a status that Gatehouse answers on its own is called (RFC 9110, 15).
package enum ReasonPhrase {
    package static func of(_ status: Int) -> String {
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
