import FoundationEssentials
import Gatehouse
import GatehouseDatabase

/// A row with a column of each type.
struct Every: Codable {
    var id: Int
    var tiny: Int8?
    var small: Int16?
    var large: Int64?
    var huge: UInt64?
    var flag: Bool?
    var single: Float?
    var double: Double?
    var amount: Decimal?
    var title: String?
    var bytes: Data?
    var moment: Date?
    var localMoment: Date?
    var uuid: UUID?
    var document: JSON<[String: Int]>?
    var words: [String]?
    var numbers: [Int?]?
}

/// The same row as texts that lose nothing: floating-point numbers by their bits, moments in microseconds.
struct Written: Codable, ResponseEncodable {
    var id: Int
    var tiny, small, large, huge, flag, single, double, amount, title, bytes, moment, localMoment, uuid: String?
    var document: [String: Int]?
    var words: [String]?
    var numbers: [Int?]?

    init(_ row: Every) {
        id = row.id
        tiny = row.tiny.map { "\($0)" }
        small = row.small.map { "\($0)" }
        large = row.large.map { "\($0)" }
        huge = row.huge.map { "\($0)" }
        flag = row.flag.map { "\($0)" }
        single = row.single.map { "\($0.bitPattern)" }
        double = row.double.map { "\($0.bitPattern)" }
        amount = row.amount.map { "\($0)" }
        title = row.title
        bytes = row.bytes.map { $0.base64EncodedString() }
        moment = Self.text(row.moment)
        localMoment = Self.text(row.localMoment)
        uuid = row.uuid.map { $0.uuidString.lowercased() }
        document = row.document?.value
        words = row.words
        numbers = row.numbers
    }

    static func text(_ moment: Date?) -> String? {
        // A Date counts from 2001, and has its microseconds only there.
        moment.map { "\(Int64(($0.timeIntervalSinceReferenceDate * 1_000_000).rounded()) + microsecondsTo2001)" }
    }

    func every() -> Every {
        Every(
            id: id, tiny: tiny.flatMap(Int8.init), small: small.flatMap(Int16.init), large: large.flatMap(Int64.init),
            huge: huge.flatMap(UInt64.init), flag: flag.map { $0 == "true" },
            single: single.flatMap(UInt32.init).map(Float.init(bitPattern:)),
            double: double.flatMap(UInt64.init).map(Double.init(bitPattern:)),
            amount: amount.flatMap { Decimal(string: $0) }, title: title,
            bytes: bytes.flatMap { Data(base64Encoded: $0) }, moment: Self.date(moment),
            localMoment: Self.date(localMoment), uuid: uuid.flatMap(UUID.init(uuidString:)),
            document: document.map { JSON($0) }, words: words, numbers: numbers)
    }

    private static func date(_ microseconds: String?) -> Date? {
        microseconds.flatMap(Int64.init).map {
            Date(timeIntervalSinceReferenceDate: Double($0 - microsecondsTo2001) / 1_000_000)
        }
    }

    private static let microsecondsTo2001: Int64 = 978_307_200_000_000
}
