/// Every exit status that `gatehouse` and its workers use: sysexits(3) where it has one, and from 80 on what is ours.
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let success = ExitStatus(rawValue: 0)
    /// The command line makes no sense.
    public static let usage = ExitStatus(rawValue: 64)
    /// A file is no module: not an ELF shared object.
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
}
