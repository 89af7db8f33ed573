/// Every exit status that `gatehouse` and its workers use: those of sysexits(3), and from 80 on our own.
///
/// A program's status is passed on too, so other values are possible.
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The command has done what it was asked.
    public static let success = ExitStatus(rawValue: 0)
    /// The command line makes no sense.
    public static let usage = ExitStatus(rawValue: 64)
    /// A file is no module: not an ELF shared object. Or a module's source does not compile.
    public static let notASharedObject = ExitStatus(rawValue: 65)
    /// A file that was named does not exist or is no regular file.
    public static let noInput = ExitStatus(rawValue: 66)
    /// A fault of Gatehouse itself.
    public static let `internal` = ExitStatus(rawValue: 70)
    /// A socket or file could not be opened, read or written.
    public static let inputOutput = ExitStatus(rawValue: 74)
    /// A file or one of its parents can be changed by others, or the operating system refused.
    public static let permission = ExitStatus(rawValue: 77)
    /// The configuration is wrong.
    public static let configuration = ExitStatus(rawValue: 78)
    /// The module carries no stamp: it was not built with `gatehouse build`.
    public static let unstampedModule = ExitStatus(rawValue: 80)
    /// The module was built for another build of the SDK.
    public static let otherSDK = ExitStatus(rawValue: 81)
    /// The module was built by another compiler.
    public static let otherCompiler = ExitStatus(rawValue: 82)
    /// The dynamic linker could not load the module: a symbol or a library is missing.
    public static let unloadableModule = ExitStatus(rawValue: 83)
    /// The library has no type marked `@main` that conforms to `HandlerModule`.
    public static let notAHandlerModule = ExitStatus(rawValue: 84)
    /// The module's `init` threw.
    public static let moduleInitThrew = ExitStatus(rawValue: 85)
    /// The module's `init` ended the process.
    public static let moduleInitTrapped = ExitStatus(rawValue: 86)
    /// The module's `init` did not return in time.
    public static let moduleInitHung = ExitStatus(rawValue: 87)
    /// A worker died while it served.
    public static let workerDied = ExitStatus(rawValue: 88)

    /// Every status with its meaning, as `gatehouse --help` and the table in SIGNALS.md have them; a test compares the
    /// two.
    public static let table: [(status: ExitStatus, meaning: String)] = [
        (.success, "success"),
        (.usage, "wrong arguments"),
        (.notASharedObject, "a file that is not a module, or a module's source that does not compile"),
        (.noInput, "no such file"),
        (.internal, "a fault of Gatehouse itself, or of its installation"),
        (.inputOutput, "a file or a socket that cannot be opened, read or written"),
        (.permission, "a file or a socket that the system or its owner does not allow"),
        (.configuration, "a wrong configuration"),
        (.unstampedModule, "a module without a stamp, not built by \"gatehouse build\""),
        (.otherSDK, "a module that was built for another build of Gatehouse"),
        (.otherCompiler, "a module that was built by another compiler"),
        (.unloadableModule, "a module that the dynamic linker cannot load"),
        (.notAHandlerModule, "a module without a type marked @main that conforms to HandlerModule"),
        (.moduleInitThrew, "a module whose init threw an error"),
        (.moduleInitTrapped, "a module whose init ended the process"),
        (.moduleInitHung, "a module whose init did not return in time"),
        (.workerDied, "a worker that died"),
    ]
}

/// A failure that ends an operator's command. `message` is complete: the fault, its place, and the remedy.
public struct OperatorError: Error, Equatable, CustomStringConvertible {
    /// One line or more, without the program's name and without a newline at the end.
    public let message: String
    /// The status that a command exits with if it can do nothing else.
    public let exitStatus: ExitStatus

    public init(_ message: String, _ exitStatus: ExitStatus) {
        self.message = message
        self.exitStatus = exitStatus
    }

    public var description: String { message }
}
