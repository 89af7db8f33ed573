/// The answer to a management record (FastCGI 1.0, section 4).
public enum ManagementReply: Sendable, Equatable {
    /// FCGI_GET_VALUES_RESULT, for those of the variables asked for that we know.
    case values(ValueNames)
    /// FCGI_UNKNOWN_TYPE, for a management record of a type that we do not know.
    case unknownType(UInt8)

    /// The variables of FCGI_GET_VALUES that the specification defines.
    public struct ValueNames: OptionSet, Sendable, Hashable {
        public var rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let maximumConnections = ValueNames(rawValue: 1)
        public static let maximumRequests = ValueNames(rawValue: 2)
        public static let multiplexesConnections = ValueNames(rawValue: 4)
    }
}
