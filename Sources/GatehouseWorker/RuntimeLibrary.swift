import CGatehouseSystem
import GatehouseModuleFile
import GatehousePlan

/// The library that this code lies in: modules must have been built for exactly this build of it.
struct RuntimeLibrary {
    var path: String
    /// The GNU build-id, in hexadecimal.
    var buildID: String
    static func find() throws(ModuleLoadFailure) -> RuntimeLibrary {
        let here: @convention(c) () -> Int32 = { gatehouseWorkerMain() }
        guard let file = gatehouse_file_of(unsafeBitCast(here, to: UnsafeRawPointer.self)) else {
            throw ModuleLoadFailure(
                message: "the runtime library's own file cannot be found", exitStatus: .internal)
        }
        let path = String(cString: file)
        do {
            return RuntimeLibrary(path: path, buildID: try BuildID.read(from: path))
        } catch {
            throw ModuleLoadFailure(message: error.message, exitStatus: ExitStatus(rawValue: error.exitStatus))
        }
    }
}
