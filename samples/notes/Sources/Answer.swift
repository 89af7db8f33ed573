import FoundationEssentials
import Gatehouse

/// One answer, as a page or as JSON.
struct Answer {
    private let links: Links
    /// Whether the request's body is JSON.
    let sendsJSON: Bool
    private let wantsJSON: Bool

    init(_ request: Request, _ context: GatewayRequestContext) {
        links = Links(context)
        sendsJSON = request.headers[.contentType]?.lowercased().hasPrefix("application/json") ?? false
        let accepted = request.headers[.accept]?.lowercased() ?? ""
        wantsJSON = sendsJSON || (accepted.contains("application/json") && !accepted.contains("text/html"))
    }

    /// Gives a value as JSON, or the page that is made of it.
    func give(_ value: some Encodable, _ page: (Links) -> HTML) throws -> Response {
        wantsJSON ? try Self.json(value, .ok) : page(links).response()
    }

    /// Says what is wrong with the request's text: 422, which does not lose what was written.
    func refuse(_ fault: String, _ page: (Links) -> HTML) throws -> Response {
        wantsJSON
            ? try Self.json(["error": fault], .unprocessableContent)
            : page(links).response(.unprocessableContent)
    }

    /// Sends a browser to the note; gives JSON the note itself.
    func redirect(to note: Note, isNew: Bool) throws -> Response {
        let location = links.note(note.id)
        guard wantsJSON else { return .redirect(to: location, type: .normal) }
        var response = try Self.json(note, isNew ? .created : .ok)
        if isNew { response.headers[.location] = location }
        return response
    }

    func redirectToList() -> Response {
        wantsJSON ? Response(status: .noContent) : .redirect(to: links.list(), type: .normal)
    }

    private static func json(_ value: some Encodable, _ status: HTTPResponse.Status) throws -> Response {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let bytes = try encoder.encode(value)
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// The module's own links, below the place where it is mounted.
struct Links {
    private let mount: String

    init(_ context: GatewayRequestContext) { mount = context.mountPath }

    func list(search: String = "", page: Int = 1) -> String {
        let query = (search.isEmpty ? [] : ["q=\(Self.escaped(search))"]) + (page > 1 ? ["page=\(page)"] : [])
        return "\(mount)/" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    func note(_ id: UUID, _ action: String = "") -> String { "\(mount)/\(id.uuidString.lowercased())\(action)" }

    var new: String { "\(mount)/new" }

    /// Everything but letters, digits and four marks, as RFC 3986 has it.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                escaped.unicodeScalars.append(.init(byte))
            default: escaped += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
