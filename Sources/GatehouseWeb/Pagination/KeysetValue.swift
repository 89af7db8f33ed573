public import FoundationEssentials
public import GatehouseDatabase

/// A type of the columns that order a list of ``Keyset`` pages. `String`, `Int`, `Int64`, `Date` and `UUID` are.
public protocol KeysetValue: ColumnValue {
    /// The value's text in a link.
    var keysetText: String { get }

    /// Reads the text of a link, which can be anything; `nil` if it is no value of this type.
    init?(keysetText: String)
}

extension String: KeysetValue {
    /// The text itself.
    public var keysetText: String { self }

    /// The text itself, if a database can hold it.
    public init?(keysetText: String) {
        guard !keysetText.utf8.contains(0) else { return nil }
        self = keysetText
    }
}

extension Int: KeysetValue {
    /// The number in digits.
    public var keysetText: String { String(self) }

    /// A number in digits.
    public init?(keysetText: String) { self.init(keysetText) }
}

extension Int64: KeysetValue {
    /// The number in digits.
    public var keysetText: String { String(self) }

    /// A number in digits.
    public init?(keysetText: String) { self.init(keysetText) }
}

extension UUID: KeysetValue {
    /// The 36 characters.
    public var keysetText: String { uuidString }

    /// The 36 characters.
    public init?(keysetText: String) { self.init(uuidString: keysetText) }
}

extension Date: KeysetValue {
    /// Microseconds since 1970, which is as exact as databases are.
    public var keysetText: String {
        guard case .instant(let microseconds) = sqlValue else { return "" }
        return String(microseconds)
    }

    /// Microseconds since 1970, in the years 1 to 9999.
    public init?(keysetText: String) {
        guard let microseconds = Int64(keysetText),
            (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(microseconds)
        else { return nil }
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}
