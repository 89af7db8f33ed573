import CGatehouseDatabase
package import GatehouseServer
import GatehouseSystem

/// Connects to the MySQL or MariaDB server of a URL.
package struct MySQLDriver: Driver {
    package let dialect = Dialect.mySQL
    package let place: String

    let settings: DatabaseSettings
    let address: MySQLAddress
    /// The name that `SHOW PROCESSLIST`'s performance schema has for the connections.
    let program: String

    /// Reads the URL and opens libmariadb.
    /// - Parameter module: the module's name.
    /// - Throws: `.usage` if the URL cannot be read, or the library is missing.
    package init(_ settings: DatabaseSettings, module: String) throws(DatabaseError) {
        address = try MySQLAddress(url: settings.url)
        try ClientLibrary.mySQL.mustBeOpen()
        self.settings = settings
        place = address.place
        program = "gatehouse \(module)"
    }

    package func connect(
        on loop: HandlerLoop, completion: @escaping @Sendable (Result<any Connection, DatabaseError>) -> Void
    ) {
        do throws(SystemError) {
            try PlainThread.run { connectInOrder(on: loop, completion) }
        } catch {
            let reason = DatabaseError(.connectionLost(sent: false), "cannot connect to \(place): \(error)")
            loop.run { completion(.failure(reason)) }
        }
    }

    /// A connection on its way from the thread that has made it to its loop.
    private struct Connected: @unchecked Sendable {
        var handle: OpaquePointer
        var descriptor: Int32
    }

    private func connectInOrder(
        on loop: HandlerLoop, _ completion: @escaping @Sendable (Result<any Connection, DatabaseError>) -> Void
    ) {
        var last = DatabaseError(.connectionLost(sent: false), "cannot connect to \(place)")
        for index in address.servers.indices {
            do throws(DatabaseError) {
                let connected = try connectBlocking(index)
                loop.run { hand(connected, index, on: loop, completion) }
                return
            } catch {
                last = error
            }
        }
        loop.run { [last] in completion(.failure(last)) }
    }

    private func hand(
        _ connected: Connected, _ server: Int, on loop: HandlerLoop,
        _ completion: @Sendable (Result<any Connection, DatabaseError>) -> Void
    ) {
        let connection = MySQLConnection(
            connected.handle, descriptor: connected.descriptor, server: server, driver: self, loop: loop)
        do throws(WatchError) {
            try connection.attach()
        } catch {
            connection.close()
            completion(.failure(DatabaseError(.connectionLost(sent: false), "\(place): \(error)")))
            return
        }
        completion(.success(connection))
    }

    private func connectBlocking(_ index: Int) throws(DatabaseError) -> Connected {
        let handle = try logIn(index)
        let session = MySQLSession.statement(isMariaDB: gatehouse_mysql_is_mariadb(handle) != 0, settings)
        guard gatehouse_mysql_run(handle, session) == 0 else { throw failure(handle, "cannot set up a session") }
        let descriptor = gatehouse_mysql_begin(handle)
        guard descriptor >= 0 else { throw failure(handle, "cannot set up a connection") }
        return Connected(handle: handle, descriptor: descriptor)
    }

    /// Makes a connection and logs in, blocking.
    private func logIn(_ index: Int) throws(DatabaseError) -> OpaquePointer {
        guard let handle = gatehouse_mysql_create() else {
            throw DatabaseError(.connectionLost(sent: false), "there is no memory for a connection")
        }
        guard connect(handle, to: address.servers[index]) == 0 else { throw failure(handle, "cannot connect") }
        let isLocal = address.servers[index].host.isEmpty
        if !isLocal, [.required, .verify].contains(address.tls), gatehouse_mysql_cipher(handle) == nil {
            gatehouse_mysql_close(handle, 1)
            throw DatabaseError(.usage, "\(place): the server has no TLS, and tls=\(address.tls.rawValue) needs it")
        }
        return handle
    }

    /// Closes the connection and says why it failed.
    private func failure(_ handle: OpaquePointer, _ what: String) -> DatabaseError {
        let error = MySQLError(of: handle)
        gatehouse_mysql_close(handle, 0)
        return error.connectError("\(place): \(what)")
    }

    private func connect(_ handle: OpaquePointer, to server: MySQLAddress.Server) -> Int32 {
        let isLocal = server.host.isEmpty
        let texts = CStrings([
            isLocal ? nil : server.host, isLocal ? address.socket : nil, address.user, address.password,
            address.database, program, address.authorities, address.certificate, address.key,
        ])
        return withExtendedLifetime(texts) {
            var login = gatehouse_mysql_login()
            login.host = texts.pointers[0]
            login.socket = texts.pointers[1]
            login.user = texts.pointers[2]
            login.password = texts.pointers[3]
            login.database = texts.pointers[4]
            login.program = texts.pointers[5]
            login.tls_authorities = texts.pointers[6]
            login.tls_certificate = texts.pointers[7]
            login.tls_key = texts.pointers[8]
            login.port = isLocal ? 0 : UInt32(server.port)
            login.timeout_seconds = UInt32(truncatingIfNeeded: settings.connectTimeout.wholeSeconds)
            login.tls = isLocal ? 0 : Int32(MySQLAddress.TLS.allCases.firstIndex(of: address.tls) ?? 0)
            return gatehouse_mysql_connect(handle, &login)
        }
    }

    /// Has the server end the statement that a connection runs, by a connection of its own on a thread of its own.
    /// - Parameter completion: is told, on that thread, whether the server has been asked.
    func kill(_ thread: UInt, on server: Int, _ completion: @escaping @Sendable (Bool) -> Void) {
        do throws(SystemError) {
            try PlainThread.run {
                var isAsked = false
                if let handle = try? logIn(server) {
                    // A connection that is gone already is as good.
                    isAsked =
                        gatehouse_mysql_run(handle, "KILL QUERY \(thread)") == 0
                        || MySQLError(of: handle).number == 1094
                    gatehouse_mysql_close(handle, 1)
                }
                completion(isAsked)
            }
        } catch {
            completion(false)
        }
    }
}
