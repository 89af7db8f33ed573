/// The format of an access log's lines.
///
/// It is one of the names below, or a text with variables as nginx writes them, `$name` or `${name}`: those of
/// ``AccessLogVariable``, and `$http_NAME` for the request header NAME, in lower case and with `_` for `-`.
///
/// - `common`, `combined`: Apache's, to the byte, for programs that read those: a body of no bytes is `-`, `"` and `\`
///   have a `\` before them, and controls and bytes outside of ASCII are written as C does it (`\n`, `\x1b`).
/// - `common-id`, `combined-id`: the same, and after it the request's id in quotes.
/// - `json`: one JSON object a line.
///
/// In a text of the operator's own, values are escaped as nginx does: `"`, `\` and bytes outside of 32...126 become
/// `\xXX`, and a missing value is `-`. In JSON they become JSON's own escapes, and a missing value is empty.
public struct AccessLogFormat: Sendable, Equatable {
    /// A part of a line.
    public enum Piece: Sendable, Equatable {
        case text([UInt8])
        case variable(AccessLogVariable)
        /// The value of a request header, by the name of its CGI variable: `HTTP_USER_AGENT`.
        case header([UInt8])
    }

    /// The rules by which bytes of a value are escaped.
    public enum Escaping: Sendable, Equatable {
        /// nginx's.
        case text
        /// Apache's.
        case apache
        case json
    }

    public private(set) var pieces: [Piece] = []
    /// The rules for all values of the format.
    public let escaping: Escaping

    /// Apache's common log format.
    public static let common = #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent"#
    /// Apache's combined log format.
    public static let combined = common + #" "$http_referer" "$http_user_agent""#
    private static let id = #" "$request_id""#
    /// An object with everything that is known of a request.
    public static let json =
        #"{"time":"$time_iso8601","request_id":"$request_id","remote_addr":"$remote_addr","#
        + #""remote_user":"$remote_user","method":"$request_method","host":"$host","uri":"$request_uri","#
        + #""protocol":"$server_protocol","status":$status,"body_bytes_sent":$body_bytes_sent,"#
        + #""body_bytes_received":$body_bytes_received,"request_time":$request_time,"module":"$module","#
        + #""pool":"$pool","pid":$pid,"referer":"$http_referer","user_agent":"$http_user_agent"}"#

    /// The formats that have a name, for messages.
    public static let names = ["combined", "combined-id", "common", "common-id", "json"]

    /// Every variable but `$http_NAME`, for messages.
    public static var variableNames: [String] { AccessLogVariable.allCases.map(\.rawValue) }

    /// - Parameter text: one of ``names``, or a text with variables.
    /// - Throws: if a variable has no name, or an unknown one.
    public init(_ text: String) throws(AccessLogFormatError) {
        switch text {
        case "common": try self.init(parsing: Self.common, .apache)
        case "common-id": try self.init(parsing: Self.common + Self.id, .apache)
        case "combined": try self.init(parsing: Self.combined, .apache)
        case "combined-id": try self.init(parsing: Self.combined + Self.id, .apache)
        case "json": try self.init(parsing: Self.json, .json)
        default: try self.init(parsing: text, .text)
        }
    }

    private init(parsing text: String, _ escaping: Escaping) throws(AccessLogFormatError) {
        self.escaping = escaping
        let bytes = Array(text.utf8)
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "$") else {
                // A line end would make two records of one.
                guard bytes[index] >= 0x20 || bytes[index] == UInt8(ascii: "\t") else {
                    throw AccessLogFormatError(.control, position: index + 1)
                }
                plain.append(bytes[index])
                index += 1
                continue
            }
            if !plain.isEmpty { pieces.append(.text(plain)) }
            plain = []
            let start = index
            let name = try Self.name(in: bytes, at: &index)
            guard let piece = Self.piece(named: name) else {
                throw AccessLogFormatError(.unknownVariable(name), position: start + 1)
            }
            pieces.append(piece)
        }
        if !plain.isEmpty { pieces.append(.text(plain)) }
    }

    /// Reads `$name` or `${name}`.
    private static func name(in bytes: [UInt8], at index: inout Int) throws(AccessLogFormatError) -> String {
        let start = index
        index += 1
        let isBraced = index < bytes.count && bytes[index] == UInt8(ascii: "{")
        if isBraced { index += 1 }
        let first = index
        while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
        let name = String(decoding: bytes[first..<index], as: UTF8.self)
        if isBraced {
            guard index < bytes.count, bytes[index] == UInt8(ascii: "}") else {
                throw AccessLogFormatError(.unclosedBrace, position: start + 1)
            }
            index += 1
        }
        if name.isEmpty { throw AccessLogFormatError(.noName, position: start + 1) }
        return name
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func piece(named name: String) -> Piece? {
        if let variable = AccessLogVariable(rawValue: name) { return .variable(variable) }
        guard name.hasPrefix("http_"), name.utf8.count > 5 else { return nil }
        return .header(Array(name.uppercased().utf8))
    }
}

/// A fault in an access log's format, and its place.
public struct AccessLogFormatError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of fault.
    public enum Reason: Equatable, Sendable {
        /// No variable has this name; ``AccessLogFormat/variableNames`` has all names.
        case unknownVariable(String)
        /// A `$` that no name follows.
        case noName
        /// A `${` without its `}`.
        case unclosedBrace
        /// A control character, such as a line end.
        case control
    }

    public var reason: Reason
    /// The byte, counted from 1, at which the variable begins.
    public var position: Int

    init(_ reason: Reason, position: Int) {
        self.reason = reason
        self.position = position
    }

    public var description: String {
        let place = "at byte \(position) of the format"
        switch reason {
        case .unknownVariable(let name):
            return "there is no variable $\(name) (\(place)); there are $http_NAME for request headers and $"
                + AccessLogFormat.variableNames.joined(separator: ", $")
        case .noName: return "a $ without a variable's name \(place)"
        case .unclosedBrace: return "a ${ without its } \(place)"
        case .control: return "a control character \(place): one request is one line"
        }
    }
}
