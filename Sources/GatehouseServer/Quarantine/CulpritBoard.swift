package import CGatehouseSystem
package import GatehouseSystem
import GatehouseWire

/// The requests that have crashed a worker of the pool: see `gatehouse_culprits.h`.
///
/// The memory is never unmapped, because the crash handler writes to it, and every access is atomic; hence
/// `@unchecked`.
package struct CulpritBoard: @unchecked Sendable {
    package let board: UnsafeMutablePointer<gatehouse_culprits>

    /// - Parameter descriptor: the pool's file, which can be closed afterwards; if `nil`, no other worker sees what
    ///   this one writes.
    /// - Throws: if it cannot be mapped.
    package init(descriptor: Int32? = nil) throws(SystemError) {
        guard let board = gatehouse_culprits_map(descriptor ?? -1) else {
            throw SystemError("mapping the memory of requests that have crashed workers")
        }
        self.board = board
    }

    /// Whether any request is refused at that moment. An ordinary request costs this one word's reading.
    /// - Parameter now: nanoseconds of the monotonic clock.
    @inline(__always)
    func holdsAny(at now: Int64) -> Bool { gatehouse_culprits_any(board, now) != 0 }

    /// Whether a request has crashed a worker a short while ago. It is recognised by the id that the front server has
    /// given it, or else by its method, target and client.
    func holds(
        _ parameters: GatewayVariables, _ variables: CGIVariables, target: String, at now: Int64
    ) -> Bool {
        var key: UInt64?
        var target = target
        parameters.withIdentity(variables) { identity in
            if !identity.id.isEmpty { return key = gatehouse_culprit_named(gatehouse_text(identity.id)) }
            parameters.withClient(variables) { address, port in
                guard !address.isEmpty else { return }
                let client = gatehouse_client(address: gatehouse_text(address), port: gatehouse_text(port))
                func nameless(_ uri: UnsafeRawBufferPointer) -> UInt64 {
                    gatehouse_culprit_nameless(
                        gatehouse_text(identity.method), gatehouse_text(uri), client)
                }
                key =
                    identity.uri.isEmpty
                    ? target.withUTF8 { nameless(UnsafeRawBufferPointer($0)) } : nameless(identity.uri)
            }
        }
        return key.map { gatehouse_culprit_held(board, $0, now) != 0 } ?? false
    }
}

extension gatehouse_text {
    init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes: bytes.baseAddress, length: bytes.count) }
}
