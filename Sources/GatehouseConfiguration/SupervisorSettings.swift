/// What a configuration says beside its pools.
public struct SupervisorSettings: Equatable, Sendable {
    /// `control: /run/gatehouse/control.sock`: where `gatehouse status` and its kin find the supervisor. `nil`: nowhere.
    public var controlSocket: String?
    /// `state: /var/lib/gatehouse`: the folder for crash reports. `nil`: none are written.
    public var stateFolder: String?
    /// `log: /var/log/gatehouse/gatehouse.log`; `nil` is standard error.
    public var logFile: String?

    public init() {}
}
