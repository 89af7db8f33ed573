import GatehouseWire

/// What a line of the access log is made of.
struct AccessLogEntry {
    var parameters: GatewayVariables
    var status: Int
    /// Bytes of the response's body.
    var sent: Int
    /// Bytes of the request's body.
    var received: Int
    var nanoseconds: Int64
    var id: String
    var module: String

    var isSecure: Bool {
        let https = parameters["HTTPS"]?.lowercased() ?? ""
        if https.isEmpty { return parameters["REQUEST_SCHEME"]?.lowercased() == "https" }
        return https == "on" || https == "1"
    }
}
