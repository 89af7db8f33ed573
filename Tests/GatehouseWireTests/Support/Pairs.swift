/// Name-value pairs with lengths of one or four bytes.
enum Pairs {
    static func bytes(_ pairs: [(String, String)], long: Bool = false) -> [UInt8] {
        pairs.flatMap { name, value in
            length(name.utf8.count, long: long) + length(value.utf8.count, long: long) + Array(name.utf8)
                + Array(value.utf8)
        }
    }

    static func length(_ count: Int, long: Bool = false) -> [UInt8] {
        if count < 128, !long { return [UInt8(count)] }
        return [
            UInt8(count >> 24 & 127) | 128, UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255),
        ]
    }
}
