import Gatehouse
import GatehouseModuleFile
import GatehousePlan

/// A module in this process, where it is mounted, and what its stamp says.
struct LoadedModule: Sendable {
    var plan: ModulePlan
    var name: String
    var version: String
    var hosted: HostedModule
    /// Stays open: the library was loaded by its descriptor's name, and the dynamic linker would take the next module
    /// of that name for this one.
    var file: ModuleFile
}
