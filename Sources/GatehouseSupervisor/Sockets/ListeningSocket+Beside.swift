import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// A second socket beside one that serves, for programs that have not answered yet. No client knows its path, so an
/// answer there comes from one of these programs, and clients do not reach them before that. Then this socket replaces
/// the first one.
extension ListeningSocket {
    /// The ending of the second socket's path, before the generation's number.
    private static let suffix = ".g"

    /// The path that leads to the socket; `nil` if its file is not ours.
    var ownPath: String? { file?.path }

    /// Opens a socket in the same folder; `nil` if that cannot be, since we did not make this one at a path.
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

    /// Puts this socket's file in the place of another one's, in one step: a client finds the one or the other.
    func takePlace(of other: ListeningSocket) throws(OperatorError) {
        guard let own = file, let place = other.file else { return }
        let path = place.path
        var status = stat()
        guard lstat(path, &status) != 0 || place.isThat(status) else {
            throw OperatorError(
                "cannot listen on \(endpoint): another file has taken the place of its socket file: remove that, then: "
                    + "gatehouse reload", .inputOutput)
        }
        guard rename(own.path, path) == 0 else {
            throw OperatorError("cannot listen on \(endpoint): rename: \(SystemError.text())", .inputOutput)
        }
        file = OwnFile(path: path, device: own.device, inode: own.inode)
        other.file = nil
    }
}
