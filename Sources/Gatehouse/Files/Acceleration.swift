package import GatehouseServer
package import HTTPTypes

/// The way in which the front server sends a file in the worker's place.
public struct Acceleration: Sendable, Hashable {
    /// A header that names a file to a front server, and the files that it may name.
    private enum Way: Hashable {
        /// `X-Accel-Redirect`: an address for each folder, which the front server decodes.
        case redirect([Folder])
        /// `X-Sendfile`: the path.
        /// - Parameter isEncoded: whether the front server decodes it.
        case path(isEncoded: Bool)
    }

    private struct Folder: Hashable {
        /// An absolute path that ends with a slash.
        var path: String
        /// The beginning of the addresses of its files, which ends with a slash.
        var location: String

        init?(_ path: some StringProtocol, _ location: some StringProtocol) {
            guard path.hasPrefix("/"), location.hasPrefix("/") else { return nil }
            self.path = path.hasSuffix("/") ? String(path) : path + "/"
            self.location = location.hasSuffix("/") ? String(location) : location + "/"
        }
    }

    /// `nil`: the worker sends the file.
    private let way: Way?
    private let asksFrontServer: Bool

    private init(_ way: Way?, asksFrontServer: Bool = false) {
        self.way = way
        self.asksFrontServer = asksFrontServer
    }

    /// The front server says it for each request, by the variable `GATEHOUSE_SENDFILE` that it sets beside the others:
    ///
    /// | its value | front server |
    /// |---|---|
    /// | `nginx /srv/files/=/protected/` | nginx: folders with their `internal` locations, commas between |
    /// | `lighttpd` | lighttpd |
    /// | `apache` | Apache with mod_xsendfile 0.12, which takes the path as it is |
    ///
    /// Without the variable, and for a file outside of nginx's folders, the worker sends the file, as in `swift run`
    /// and in tests. A client cannot set it: the variables of its headers begin with `HTTP_`.
    public static let byFrontServer = Acceleration(nil, asksFrontServer: true)

    /// The worker sends the file.
    public static let none = Acceleration(nil)

    /// nginx sends it, by `X-Accel-Redirect`.
    /// - Parameters:
    ///   - folder: the absolute path of the folder. The worker sends files outside of it.
    ///   - location: the `internal` location whose `alias` is the folder: `/protected/`.
    public static func nginx(_ folder: String, location: String) -> Acceleration {
        Acceleration(Folder(folder, location).map { .redirect([$0]) })
    }

    /// lighttpd sends it, by `X-Sendfile`.
    public static let lighttpd = Acceleration(.path(isEncoded: true))

    /// Apache with mod_xsendfile sends it, by `X-Sendfile`. Version 0.12 takes the path as it is; a later one needs
    /// `XSendFileUnescape off`.
    public static let apache = Acceleration(.path(isEncoded: false))

    /// The header that has the front server send a file; `nil` if the worker sends it.
    /// - Parameter path: an absolute path without `.` and `..`.
    package func header(for path: String, in gateway: GatewayRequest) -> HTTPField? {
        switch asksFrontServer ? gateway[variable: "GATEHOUSE_SENDFILE"].flatMap(Self.way) : way {
        case .redirect(let folders):
            // By bytes, as in the file system: to Swift, two spellings of an accented letter are the same text.
            let folders = folders.filter { path.utf8.starts(with: $0.path.utf8) }
            // The longest, as it is with locations.
            let found = folders.max { $0.path.utf8.count < $1.path.utf8.count }
            guard let found else { return nil }
            let rest = Substring(path.utf8.dropFirst(found.path.utf8.count))
            return HTTPField(
                name: .accelRedirect, value: found.location + PercentCoding.encodedPath(String(rest)))
        case .path(let isEncoded):
            // A header's value does not keep a space at its end, and without it the name is another file's.
            if !isEncoded, path.utf8.last == UInt8(ascii: " ") { return nil }
            return HTTPField(name: .sendfile, value: isEncoded ? PercentCoding.encodedPath(path) : path)
        case nil: return nil
        }
    }

    /// - Returns: `nil` for a value that is none of those above: the worker can send every file.
    private static func way(_ text: String) -> Way? {
        let (way, problem) = read(text)
        if let problem { FileLog.misspelled(text, problem) }
        return way
    }

    /// A value of `GATEHOUSE_SENDFILE`, and what is wrong with it. An empty one is how a front server says nothing.
    static func problem(of text: String) -> String? { read(text).problem }

    private static func read(_ text: String) -> (way: Way?, problem: String?) {
        let words = text.split(separator: " ", maxSplits: 1)
        switch words.first {
        case "lighttpd" where words.count == 1: return (.path(isEncoded: true), nil)
        case "apache" where words.count == 1: return (.path(isEncoded: false), nil)
        case "nginx" where words.count == 2:
            var problem: String?
            let folders = words[1].split(separator: ",").compactMap { pair -> Folder? in
                let ends = pair.split(separator: "=", maxSplits: 1)
                let folder = ends.count == 2 ? Folder(trimmed(ends[0]), trimmed(ends[1])) : nil
                if folder == nil { problem = "\"\(trimmed(pair))\" is no /FOLDER/=/LOCATION/" }
                return folder
            }
            return (.redirect(folders), problem)
        case "nginx": return (nil, "no /FOLDER/=/LOCATION/ stands behind nginx")
        case "lighttpd", "apache": return (nil, "nothing may stand behind its first word")
        case let word?: return (nil, "\"\(word)\" is no front server that sends files")
        case nil: return (nil, nil)
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension HTTPField.Name {
    static let accelRedirect = HTTPField.Name("X-Accel-Redirect")!
    static let sendfile = HTTPField.Name("X-Sendfile")!
}
