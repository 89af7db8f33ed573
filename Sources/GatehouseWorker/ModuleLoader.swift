import CGatehouseSystem
import Gatehouse
import GatehouseModuleFile
import GatehousePlan
import GatehouseServer
import Glibc
import Logging
import NIOCore

/// Takes a module from a file to a running type. What can be checked without running any of its code is checked first.
struct ModuleLoader {
    var sdk: RuntimeLibrary
    var logLevel: Logger.Level
    var eventLoopGroup: any EventLoopGroup

    func load(_ plan: ModulePlan) async throws(ModuleLoadFailure) -> LoadedModule {
        let file = try check(plan)
        let stamp = file.stamp
        let type = try findType(in: file)
        let mountPath = plan.mount == "/" ? "" : plan.mount
        let log = LineLogHandler(label: stamp.module, level: logLevel)
        let logger = Logger(label: stamp.module) { _ in log }
        let context = ModuleContext(
            name: stamp.module, mountPath: mountPath, logger: logger, resourceFolder: Self.resources(of: plan.path),
            eventLoopGroup: eventLoopGroup, settings: plan.settings, settingsOrigin: plan.settingsOrigin)
        do {
            let hosted = try await HostedModule(type, context: context, log: log)
            return LoadedModule(plan: plan, name: stamp.module, version: stamp.version, hosted: hosted, file: file)
        } catch {
            throw ModuleLoadFailure(
                message: "\(plan.path): \(stamp.module).init threw: \(error)", exitStatus: .moduleInitThrew)
        }
    }

    private func check(_ plan: ModulePlan) throws(ModuleLoadFailure) -> ModuleFile {
        do {
            let file =
                if let copy = plan.copy {
                    try ModuleFile(ModuleCopy(path: plan.copiedFrom ?? plan.path, descriptor: copy))
                } else {
                    try ModuleFile.open(path: plan.path)
                }
            try file.checkStamp(sdk: sdk.buildID, compiler: SDKCompiler.identity)
            return file
        } catch {
            throw ModuleLoadFailure(message: error.message, exitStatus: ExitStatus(rawValue: error.exitStatus))
        }
    }

    /// From here on the module's code runs: its static initialisers, and its `main`, which offers its type.
    private func findType(in file: ModuleFile) throws(ModuleLoadFailure) -> any HandlerModule.Type {
        guard access(file.descriptorPath, R_OK) == 0 else {
            throw ModuleLoadFailure(
                message: "\(file.path) cannot be loaded: a module is loaded through /proc, which is not mounted here: "
                    + "mount it (mount -t proc proc /proc)", exitStatus: .unloadableModule)
        }
        var reason: UnsafePointer<CChar>?
        guard let handle = gatehouse_load(file.descriptorPath, file.path, &reason) else {
            let why = reason.map { String(cString: $0) } ?? "the dynamic linker does not say why"
            throw ModuleLoadFailure(
                message: "\(file.path) cannot be loaded: \(why.replacing(file.descriptorPath, with: file.path)); "
                    + "build it again with gatehouse build, and install the libraries that it names",
                exitStatus: .unloadableModule)
        }
        let notAModule = ModuleLoadFailure(
            message: "\(file.path) has no type that is marked @main and conforms to HandlerModule",
            exitStatus: .notAHandlerModule)
        guard let entry = gatehouse_symbol_in(handle, "main") else { throw notAModule }
        typealias Main = @convention(c) (Int32, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32
        let types = ModuleRegistration.collect {
            _ = unsafeBitCast(entry, to: Main.self)(gatehouse_argument_count(), gatehouse_argument_words())
        }
        guard let type = types.last else { throw notAModule }
        return type
    }

    /// `libBlog.resources` beside `libBlog.so`.
    private static func resources(of path: String) -> String {
        (path.hasSuffix(".so") ? String(path.dropLast(3)) : path) + ".resources"
    }
}
