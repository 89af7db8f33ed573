import Gatehouse
import GatehousePlan

/// A module in this process, where it is mounted, and what its stamp says.
struct LoadedModule: Sendable {
    var plan: ModulePlan
    var name: String
    var version: String
    var hosted: HostedModule
}
