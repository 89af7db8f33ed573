/// What a configuration says beside its pools.
public struct SupervisorSettings: Equatable, Sendable {
    /// Where a configuration that says nothing about it has the control socket.
    public static let standardControlSocket = "/run/gatehouse/control.sock"

    /// `control: /run/gatehouse/control.sock`: where `gatehouse status` and its kin find the supervisor. `nil`:
    /// nowhere, which a configuration writes as `control: off`.
    public var controlSocket: String?
    /// `state: /var/lib/gatehouse`: the folder for crash reports. `nil`: none are written.
    public var stateFolder: String?
    /// `log: /var/log/gatehouse/gatehouse.log`
    public var log = LogPlace.standardError

    public init() {}
}
