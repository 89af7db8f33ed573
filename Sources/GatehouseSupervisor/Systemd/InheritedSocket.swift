/// A listening socket that systemd has opened, or has kept from an earlier process, and passed.
public struct InheritedSocket: Equatable, Sendable {
    /// FileDescriptorName= of its socket unit; several may share one. "unknown" where systemd gave no names.
    public let name: String
    /// Closed on exec. It is its maker's: never shut down, and its file never removed.
    public let descriptor: Int32

    public init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }
}
