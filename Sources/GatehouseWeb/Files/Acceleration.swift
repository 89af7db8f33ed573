import Gatehouse

/// The way in which the front server sends a file in the worker's place.
public struct Acceleration: Sendable, Hashable {
    enum Kind: Hashable {
        case redirect(location: String)
        /// - Parameter isEncoded: whether the front server decodes the path.
        case sendfile(isEncoded: Bool)
    }

    /// `nil`: the worker sends the file.
    let kind: Kind?
    let asksFrontServer: Bool

    /// The front server says it for each request, by a variable that it sets beside the others:
    ///
    /// | variable | front server |
    /// |---|---|
    /// | `X_ACCEL_REDIRECT=/protected/` | nginx: the internal location of the folder |
    /// | `X_SENDFILE=lighttpd` | lighttpd |
    /// | `X_SENDFILE=apache` | Apache with mod_xsendfile, which takes the path as it is |
    ///
    /// Without either the worker sends the file, as in `swift run` and in tests. A client cannot set them: its headers
    /// begin with `HTTP_`.
    public static let byFrontServer = Acceleration(kind: nil, asksFrontServer: true)

    /// The worker sends the file.
    public static let none = Acceleration(kind: nil, asksFrontServer: false)

    /// nginx sends it, by `X-Accel-Redirect`.
    /// - Parameter location: the `internal` location whose `alias` is the folder: `/protected/`.
    public static func nginx(location: String) -> Acceleration {
        Acceleration(kind: .redirect(location: location), asksFrontServer: false)
    }

    /// lighttpd sends it, by `X-Sendfile`.
    public static let lighttpd = Acceleration(kind: .sendfile(isEncoded: true), asksFrontServer: false)

    /// Apache with mod_xsendfile sends it, by `X-Sendfile`. Version 0.12 takes the path as it is; a later one needs
    /// `XSendFileUnescape off`.
    public static let apache = Acceleration(kind: .sendfile(isEncoded: false), asksFrontServer: false)

    /// The way for one request.
    func kind(for gateway: GatewayRequest?) -> Kind? {
        guard asksFrontServer, let gateway else { return kind }
        if let location = gateway[variable: "X_ACCEL_REDIRECT"], location.hasPrefix("/") {
            return .redirect(location: location)
        }
        switch gateway[variable: "X_SENDFILE"] {
        case "lighttpd": return .sendfile(isEncoded: true)
        case "apache": return .sendfile(isEncoded: false)
        default: return nil
        }
    }
}
