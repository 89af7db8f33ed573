import CGatehouseDatabase

extension MySQLError {
    /// The last error of a connection.
    init(of handle: OpaquePointer) {
        self.init(
            number: gatehouse_mysql_error_number(handle),
            state: String(cString: gatehouse_mysql_error_state(handle)),
            message: String(cString: gatehouse_mysql_error_message(handle)))
    }

    /// The error packet that a server sends before it closes: length, sequence, 0xFF, number, `#`, state, message.
    init?(packet: ArraySlice<UInt8>) {
        let bytes = Array(packet)
        guard bytes.count >= 13, bytes[4] == 0xFF, bytes[7] == UInt8(ascii: "#") else { return nil }
        let length = Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16
        self.init(
            number: UInt32(bytes[5]) | UInt32(bytes[6]) << 8,
            state: String(decoding: bytes[8..<13], as: UTF8.self),
            message: String(decoding: bytes[13..<max(13, min(bytes.count, length + 4))], as: UTF8.self))
    }
}
