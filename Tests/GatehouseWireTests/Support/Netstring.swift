/// SCGI requests as a front server writes them.
enum Netstring {
    static func request(_ pairs: [(String, String)], body: String = "") -> [UInt8] {
        wrap(head(pairs)) + Array(body.utf8)
    }

    static func head(_ pairs: [(String, String)]) -> [UInt8] {
        pairs.flatMap { Array($0.0.utf8) + [0] + Array($0.1.utf8) + [0] }
    }

    static func wrap(_ head: [UInt8], comma: String = ",") -> [UInt8] {
        Array("\(head.count):".utf8) + head + Array(comma.utf8)
    }
}
