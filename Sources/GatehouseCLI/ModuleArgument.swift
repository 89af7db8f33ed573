internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehousePlan

/// `FILE.so` or `FILE.so@/mount`.
struct ModuleArgument: ExpressibleByArgument {
    let path: String
    /// As it was written: whether it is a mount is for `Mount` to say.
    let mount: String

    init?(argument: String) {
        // A mount may hold "@" and a folder's name may too, so the file's ending is what separates the two. It also
        // separates a mount that lacks its slash, which would otherwise be taken for a part of the file's name.
        if let separator = argument.firstRange(of: ".so@") {
            path = String(argument[..<separator.lowerBound]) + ".so"
            mount = String(argument[separator.upperBound...])
        } else if let separator = argument.ranges(of: "@/").last {
            path = String(argument[..<separator.lowerBound])
            mount = "/" + String(argument[separator.upperBound...])
        } else {
            path = argument
            mount = "/"
        }
    }
}
