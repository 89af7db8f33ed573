internal import GatehouseModuleFile
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Compiles one module's folder to a `.so`.
struct ModuleBuild {
    let folder: String
    let moduleName: String
    let version: String
    let output: String
    let sdk: SDK
    let toolchain: Toolchain
    /// A folder for intermediate files; the caller removes it.
    let scratch: String
    /// Whether the module is for a debugger: not optimised, with full debug information.
    let isForDebugging: Bool

    /// The module's Swift files: all below `Sources`, or, if there is no such folder, those in the folder itself.
    func sources() throws(CommandFailure) -> [String] {
        let below = folder + "/Sources"
        let candidates =
            Files.isDirectory(below)
            ? Files.walk(below)
            : Files.list(folder).filter { $0 != "Package.swift" }.map { folder + "/" + $0 }
        let sources = candidates.filter { $0.hasSuffix(".swift") }
        guard !sources.isEmpty else {
            throw CommandFailure("\(folder): no Swift files here or in \(below)", .noInput)
        }
        return sources
    }

    /// Compiles straight against the SDK.
    func compile() throws(CommandFailure) {
        var flags = ["-parse-as-library", "-swift-version", "6"]
        if isForDebugging {
            flags += ["-Onone", "-g"]
        } else {
            flags += ["-O", "-whole-module-optimization", "-num-threads", "2"]
            // For the lines of a crash's report, named from the module's folder on: Blog/Sources/Blog.swift.
            let name = folder.split(separator: "/").last.map(String.init) ?? moduleName
            flags += ["-gline-tables-only", "-debug-prefix-map", "\(folder)=\(name)", "-file-compilation-dir", "."]
        }
        try link(try sources(), flags: flags)
    }

    /// Compiles or links `inputs` to the output, stamped. The output appears whole or not at all, and never changes a
    /// file that a running worker has mapped.
    func link(_ inputs: [String], flags: [String]) throws(CommandFailure) {
        let unfinished = output + ".\(getpid()).part"
        let fileName = output.split(separator: "/").last.map(String.init) ?? output
        var arguments = ["-emit-library", "-module-name", moduleName, "-o", unfinished] + flags
        arguments += ["-I", sdk.modules] + sdk.moduleMaps().flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        arguments += ["-L", sdk.folder, "-lGatehouseRuntime"]
        // An undefined symbol is reported now, instead of when a worker loads the module.
        let words = ["-lGatehouseWeb", "-soname=\(fileName)", "--build-id=sha1", "-z", "defs"]
        for word in words { arguments += ["-Xlinker", word] }
        arguments += inputs + [try stampObject()]
        let status = try Subprocess.run(toolchain.swiftc, arguments, with: [Self.linkingWhatIsNeeded])
        guard status == 0 else {
            unlink(unfinished)
            // The compiler has printed the faults. EX_DATAERR: the input is incorrect.
            throw CommandFailure([], .notASharedObject)
        }
        guard try hasEntry(unfinished) else {
            unlink(unfinished)
            throw CommandFailure(
                "\(folder): no type is marked @main, so no worker could find the module: write @main before the struct "
                    + "that conforms to HandlerModule", .notASharedObject)
        }
        // A worker refuses a file that others can write to, which a lax umask would give it.
        guard chmod(unfinished, 0o755) == 0, rename(unfinished, output) == 0 else {
            let reason = SystemError.text()
            unlink(unfinished)
            throw CommandFailure("cannot write \(output): \(reason)", .inputOutput)
        }
    }

    /// Has clang, which swiftc links by, name a library as one that the module needs only if it is: the kit library,
    /// and Foundation with ICU, which every import of a package that imports it would bring into the worker. The linker
    /// wants this word before the libraries, and swiftc puts all words of `-Xlinker` behind them.
    private static let linkingWhatIsNeeded = "CCC_OVERRIDE_OPTIONS=# ^-Wl,--as-needed"

    /// Copies the folder `Resources` to `libNAME.resources` beside `libNAME.so`, the place that the module's context
    /// has. An older copy is replaced; if the module has no resources, it is left alone.
    func copyResources() throws(CommandFailure) {
        let source = folder + "/Resources"
        guard Files.isDirectory(source) else { return }
        let target = (output.hasSuffix(".so") ? String(output.dropLast(3)) : output) + ".resources"
        Files.removeTree(target)
        try Files.copyTree(source, to: target)
    }

    /// Whether the file has the C function `main`, which `@main` makes and a worker looks for.
    private func hasEntry(_ file: String) throws(CommandFailure) -> Bool {
        do {
            return try ModuleEntry.isDefined(in: file)
        } catch {
            throw CommandFailure(error.message, .internal)
        }
    }

    private func stampObject() throws(CommandFailure) -> String {
        let source = scratch + "/stamp.S"
        let object = scratch + "/stamp.o"
        let text = StampSource.text(
            sdk: sdk.buildID, swift: try toolchain.version(), module: moduleName, version: version)
        try Files.write(text, to: source)
        guard try Subprocess.run(toolchain.clang, ["-c", source, "-o", object]) == 0 else {
            throw CommandFailure("\(toolchain.clang) cannot assemble the module's stamp", .internal)
        }
        return object
    }
}

/// The stamp as assembler source. The preprocessor inserts the compiler's identity, so that it is the same text that
/// this compiler put into the SDK.
enum StampSource {
    static func text(sdk: String, swift: String, module: String, version: String) -> String {
        // The compiler's line replaces the placeholder; the rest is the reader's own format.
        let placeholder = "<compiler>"
        let stamp = ModuleStamp(sdk: sdk, compiler: placeholder, swift: swift, module: module, version: version)
        let lines = stamp.text.split(separator: "\n").map { line in
            line.hasSuffix("=" + placeholder)
                ? "    .ascii \"\(line.dropLast(placeholder.count))\" __VERSION__ \"\\n\""
                : "    .ascii \"\(quoted(line))\\n\""
        }
        return """
                .section \(ModuleStamp.section),"",%progbits
            \(lines.joined(separator: "\n"))
                .section .note.GNU-stack,"",%progbits

            """
    }

    private static func quoted(_ text: Substring) -> String {
        text.reduce(into: "") { result, character in
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
    }
}
