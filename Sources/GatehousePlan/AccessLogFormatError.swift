/// What is wrong with an access log's format, and where.
public struct AccessLogFormatError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        /// No variable has this name. ``AccessLogFormat/variableNames`` has those that there are.
        case unknownVariable(String)
        /// A `$` that no name follows.
        case noName
        /// A `${` without its `}`.
        case unclosedBrace
        /// A control character, such as a line's end.
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

extension AccessLogFormat {
    /// Every variable but `$http_NAME`, for messages.
    public static var variableNames: [String] { AccessLogVariable.allCases.map(\.rawValue) }
}
