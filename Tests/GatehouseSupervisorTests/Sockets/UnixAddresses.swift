import GatehouseSystem
import Glibc

/// Calls `body` with the address of a socket's path; -1 if no socket can have it.
func withUnixAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    (try? UnixAddress(path: path))?.withSocketAddress(body) ?? -1
}
