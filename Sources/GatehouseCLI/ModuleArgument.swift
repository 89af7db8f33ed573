internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehousePlan

/// `FILE.so` or `FILE.so@/mount`.
struct ModuleArgument: ExpressibleByArgument {
    let path: String
    let mount: String

    init?(argument: String) {
        // A mount has slashes and a file's name has none, so the last "@/" is where the mount begins.
        guard let at = argument.lastIndex(of: "@"), argument[at...].hasPrefix("@/") else {
            path = argument
            mount = "/"
            return
        }
        path = String(argument[..<at])
        mount = String(argument[argument.index(after: at)...])
    }
}
