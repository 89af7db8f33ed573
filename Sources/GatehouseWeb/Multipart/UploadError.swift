import GatehouseSystem

/// The failure to write, to read or to keep an upload's file: nothing that the client did. Without a handler that takes
/// it, the client gets a 500 and the log this error.
public struct UploadError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The error's number (errno): `ENOSPC` if the disk is full, `EEXIST` if there is a file where one is to be kept.
    public var code: Int32

    /// The failure, the path, and the remedy if one is known.
    public var description: String

    init(_ action: String, _ error: SystemError) {
        code = error.code
        description = "\(action): \(error)"
    }
}
