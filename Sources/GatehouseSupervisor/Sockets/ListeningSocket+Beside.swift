import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// A second socket beside one that serves, for programs that have not answered yet: nobody else is told of it, so that
/// what answers there is one of them, and clients do not meet it before it has answered. Then it takes the first one's
/// place.
extension ListeningSocket {
    /// Behind a socket's path, with the generation's number.
    private static let suffix = ".g"

    /// The path that leads to the socket; `nil` where its file is not ours.
    var ownPath: String? { file?.path }

    /// Opens one in the same folder. `nil` where that cannot be: the socket is not one that we have made at a path.
    func openBeside(generation: Int, settings: SocketSettings) -> ListeningSocket? {
        guard let path = file?.path else { return nil }
        let listener = UnixListener(
            path: path + Self.suffix + String(generation), endpoint: endpoint, settings: settings)
        guard let (descriptor, file) = try? listener.open() else { return nil }
        return ListeningSocket(endpoint: endpoint, descriptor: descriptor, file: file)
    }

    /// Whether a socket that was bound to a path like this may have taken the place of one at `path` since.
    static func isBeside(_ bound: String, _ path: String) -> Bool {
        guard bound.hasPrefix(path + suffix) else { return false }
        let number = bound.dropFirst((path + suffix).count)
        return !number.isEmpty && number.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Puts this socket's file in the place of another one's, in one step: whoever connects finds the one or the other.
    func takePlace(of other: ListeningSocket) throws(SupervisorError) {
        guard let own = file, let place = other.file else { return }
        let path = place.path
        var status = stat()
        guard lstat(path, &status) != 0 || place.isThat(status) else {
            throw SupervisorError(
                "cannot listen on \(endpoint): another file has taken the place of its socket file: remove that, then: "
                    + "gatehouse reload", .inputOutput)
        }
        guard rename(own.path, path) == 0 else {
            throw SupervisorError("cannot listen on \(endpoint): rename: \(systemError())", .inputOutput)
        }
        file = OwnFile(path: path, device: own.device, inode: own.inode)
        other.file = nil
    }
}
