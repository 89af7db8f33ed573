import CGatehouseSystem
import Gatehouse
import GatehouseModuleFile
import GatehousePlan
import GatehouseServer
import Glibc
import Logging
import NIOCore

/// Loads a module's file and gets the module's type. All checks that need none of its code come first.
struct ModuleLoader {
    var sdk: RuntimeLibrary
    var logLevel: Logger.Level
    var eventLoopGroup: any EventLoopGroup
    /// The folder with a folder for each module's files.
    var stateFolder: String?
    var migrationTask: MigrationTask?
    /// The time that the worker has for draining.
    var drainTime = Duration.seconds(30)

    func load(_ plan: ModulePlan) async throws(OperatorError) -> LoadedModule {
        let file = try check(plan)
        let stamp = file.stamp
        let type = try findType(in: file)
        let mountPath = plan.mount == "/" ? "" : plan.mount
        let log = LineLogHandler(label: stamp.module, level: logLevel)
        let logger = Logger(label: stamp.module) { _ in log }
        var context = ModuleContext(
            name: stamp.module, mountPath: mountPath, logger: logger, resourceFolder: Self.resources(of: plan.path),
            stateFolder: stateFolder.map { $0 + "/" + stamp.module }, eventLoopGroup: eventLoopGroup,
            settings: plan.settings, settingsOrigin: plan.settingsOrigin, migrationTask: migrationTask)
        context.drainTime = drainTime
        context.jobs.waitForServing()
        do {
            let hosted = try await HostedModule(type, context: context, log: log)
            return LoadedModule(
                plan: plan, name: stamp.module, version: stamp.version, hosted: hosted, databases: context.databases,
                jobs: context.jobs, file: file)
        } catch {
            throw OperatorError("\(plan.path): \(stamp.module).init threw: \(error)", .moduleInitThrew)
        }
    }

    private func check(_ plan: ModulePlan) throws(OperatorError) -> ModuleFile {
        let file =
            if let copy = plan.copy {
                try ModuleFile(ModuleCopy(path: plan.copiedFrom ?? plan.path, descriptor: copy))
            } else {
                try ModuleFile.open(path: plan.path)
            }
        try file.checkStamp(sdk: sdk.buildID, compiler: SDKCompiler.identity)
        return file
    }

    /// Runs the first of the module's code: its static initialisers, and its `main`, which offers its type.
    private func findType(in file: ModuleFile) throws(OperatorError) -> any HandlerModule.Type {
        guard access(file.descriptorPath, R_OK) == 0 else {
            throw OperatorError(
                "\(file.path) cannot be loaded: a module is loaded through /proc, which is not mounted here: "
                    + "mount it (mount -t proc proc /proc)", .unloadableModule)
        }
        if file.usesKit { try sdk.loadKit() }
        var reason: UnsafePointer<CChar>?
        guard let handle = gatehouse_load(file.descriptorPath, file.path, &reason) else {
            let why = reason.map { String(cString: $0) } ?? "the dynamic linker does not say why"
            throw OperatorError(
                "\(file.path) cannot be loaded: \(why.replacing(file.descriptorPath, with: file.path)); "
                    + "build it again with gatehouse build, and install the libraries that it names",
                .unloadableModule)
        }
        let notAModule = OperatorError(
            "\(file.path) has no type that is marked @main and conforms to HandlerModule", .notAHandlerModule)
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

/// A module in this process, with its plan and the name and version in its stamp.
struct LoadedModule: Sendable {
    var plan: ModulePlan
    var name: String
    var version: String
    var hosted: HostedModule
    var databases: ModuleDatabases
    var jobs: ModuleJobs
    /// The file stays open: the library was loaded by its descriptor's name, and the dynamic linker would take the next
    /// module of that name for this one.
    var file: ModuleFile
}

/// The library that this code is in: modules must have been built for exactly this build of it.
struct RuntimeLibrary {
    var path: String
    /// The GNU build-id, in hexadecimal.
    var buildID: String

    static func find() throws(OperatorError) -> RuntimeLibrary {
        let here: @convention(c) () -> Int32 = { gatehouseWorkerMain() }
        guard let file = gatehouse_file_of(unsafeBitCast(here, to: UnsafeRawPointer.self)) else {
            throw OperatorError("the runtime library's own file cannot be found", .internal)
        }
        let path = String(cString: file)
        return RuntimeLibrary(path: path, buildID: try BuildID.read(from: path))
    }

    /// Loads the kit library, if that has not been done: the dynamic linker then finds it by its name.
    func loadKit() throws(OperatorError) {
        let path = try KitLibrary.path(beside: path, buildID: buildID)
        guard dlopen(path, RTLD_NOW | RTLD_GLOBAL) != nil else {
            throw OperatorError(dlerror().map { String(cString: $0) } ?? path, .internal)
        }
    }
}
