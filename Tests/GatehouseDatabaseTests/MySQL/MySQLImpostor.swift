import GatehouseServer
import GatehouseSystem
import Glibc
import TestSupport

/// A program that speaks MySQL's protocol as far as the login, and then answers what a test says: the server that no
/// real one is.
final class MySQLImpostor: @unchecked Sendable {
    /// A command's first byte.
    enum Command {
        static let query: UInt8 = 3
        static let prepare: UInt8 = 22
        static let execute: UInt8 = 23
        static let close: UInt8 = 25
    }

    let url: String
    private let listening: Int32
    private let folder: TemporaryFolder

    /// - Parameters:
    ///   - last: the command after whose answer the connection is closed.
    ///   - answer: is given each command after the session's settings, and returns the bytes of the answer: packets as
    ///     they go over the wire. `nil` closes the connection.
    init(closingAfter last: UInt8? = nil, _ answer: @escaping @Sendable (_ command: [UInt8]) -> [UInt8]?) throws {
        folder = try TemporaryFolder()
        let path = folder.path + "/s"
        url = "mysql://nobody@localhost/d?socket=\(path)"
        listening = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            place.copyBytes(from: path.utf8.prefix(place.count - 1))
        }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listening, 8) == 0 else { throw SystemError("bind") }
        try PlainThread.run { [listening] in
            while true {
                let client = accept(listening, nil, nil)
                guard client >= 0 else { break }
                Self.serve(client, closingAfter: last, answer)
                // A program that another test starts meanwhile may have inherited it, so that closing alone is no end.
                shutdown(client, Int32(SHUT_RDWR))
                Glibc.close(client)
            }
            // Here and not earlier: another test would get a descriptor of this number.
            Glibc.close(listening)
        }
    }

    /// Makes a server on which each execution of a prepared statement fails.
    static func failing(_ number: UInt16, _ message: String) throws -> MySQLImpostor {
        try MySQLImpostor { command in
            switch command.first {
            case Command.prepare: prepared()
            case Command.execute: error(number, message)
            case Command.query: ok()
            default: []
            }
        }
    }

    deinit { shutdown(listening, Int32(SHUT_RDWR)) }

    /// Makes a packet of its content.
    static func packet(_ content: [UInt8], _ sequence: UInt8 = 1) -> [UInt8] {
        let count = content.count
        return [UInt8(count & 255), UInt8(count >> 8 & 255), UInt8(count >> 16 & 255), sequence] + content
    }

    /// `status`: 2 is autocommit.
    static func ok(_ sequence: UInt8 = 1, status: UInt8 = 2) -> [UInt8] {
        packet([0, 0, 0, status, 0, 0, 0], sequence)
    }

    static func error(_ number: UInt16, _ message: String) -> [UInt8] {
        packet([0xFF, UInt8(number & 255), UInt8(number >> 8)] + Array("#HY000\(message)".utf8))
    }

    static func eof(_ sequence: UInt8) -> [UInt8] { packet([0xFE, 0, 0, 2, 0], sequence) }

    /// The answer to a preparation.
    static func prepared(columns: UInt8 = 0, parameters: UInt8 = 0) -> [UInt8] {
        packet([0, 1, 0, 0, 0, columns, 0, parameters, 0, 0, 0, 0])
    }

    /// The description of a column of a type; the name is short.
    static func column(_ type: UInt8, _ sequence: UInt8, named name: [UInt8] = Array("a".utf8)) -> [UInt8] {
        let names: [UInt8] = [3] + Array("def".utf8) + [0, 0, 0, UInt8(name.count)] + name + [0]
        return packet(names + [12, 45, 0, 255, 0, 0, 0, type, 0, 0, 0, 0, 0], sequence)
    }

    private static func serve(
        _ client: Int32, closingAfter last: UInt8?, _ answer: (_ command: [UInt8]) -> [UInt8]?
    ) {
        // Long password, found rows, database, 4.1, transactions, secure connection; plug-ins.
        let capabilities: [UInt8] = [0x0B, 0xA2], more: [UInt8] = [0x08, 0x00]
        let greeting: [UInt8] =
            [10] + Array("8.0.0".utf8) + [0, 7, 0, 0, 0] + Array("12345678".utf8) + [0] + capabilities + [45, 2, 0]
            + more + [21] + [UInt8](repeating: 0, count: 10) + Array("123456789012".utf8) + [0]
            + Array("mysql_native_password".utf8) + [0]
        send(packet(greeting, 0), client)
        guard receive(client) != nil else { return }
        send(ok(2), client)
        guard receive(client) != nil else { return }
        send(ok(), client)
        while let command = receive(client) {
            guard let reply = answer(command) else { return }
            send(reply, client)
            if let last, command.first == last { return }
        }
    }

    private static func send(_ bytes: [UInt8], _ client: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// The content of the next packet; `nil` at the end.
    private static func receive(_ client: Int32) -> [UInt8]? {
        guard let head = receive(4, client) else { return nil }
        return receive(Int(head[0]) | Int(head[1]) << 8 | Int(head[2]) << 16, client)
    }

    private static func receive(_ count: Int, _ client: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let more = bytes.withUnsafeMutableBytes { recv(client, $0.baseAddress! + got, count - got, 0) }
            guard more > 0 else { return nil }
            got += more
        }
        return bytes
    }
}
