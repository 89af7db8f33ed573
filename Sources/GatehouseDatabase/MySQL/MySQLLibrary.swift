import CGatehouseDatabase
import Synchronization

/// libmariadb, opened when the first database of its kind is.
enum MySQLLibrary {
    private enum State {
        case closed
        case open
        case failed(String)
    }

    private static let state = Mutex(State.closed)

    /// Opens the library, once.
    /// - Throws: `.usage` with the reason, and what to install.
    static func open() throws(DatabaseError) {
        let reason: String? = state.withLock { state in
            if case .closed = state {
                var buffer = [CChar](repeating: 0, count: 512)
                let result = gatehouse_mysql_open_library(&buffer, buffer.count)
                let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                state = result == 0 ? .open : .failed(text)
            }
            if case .failed(let reason) = state { return reason }
            return nil
        }
        guard let reason else { return }
        throw DatabaseError(
            .usage,
            "MySQL's client library cannot be used: \(reason); on Debian and Ubuntu the package libmariadb3 has it")
    }
}

extension MySQLError {
    /// The last error of a connection.
    init(of handle: OpaquePointer) {
        self.init(
            number: gatehouse_mysql_error_number(handle),
            state: String(cString: gatehouse_mysql_error_state(handle)),
            message: String(cString: gatehouse_mysql_error_message(handle)))
    }
}
